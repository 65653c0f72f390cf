// The reserve: free space that new thin devices must leave for writes to the existing ones. A snapshot itself takes
// almost no space, but later writes to it and to its origin do.

import type { ThinPoolStatus } from '../../dm/targets/provisioning/thin-pool.ts';
import { PoolError } from './errors.ts';
import { poolHealth, REFUSAL, type Usage } from './health.ts';

/** The blocks that must be free, in percent of all blocks. */
export interface Reserve {
  /** @default 0 */
  readonly dataPercent?: number;
  /** @default 0 */
  readonly metadataPercent?: number;
}

/**
 * Refuses new thin devices and snapshots if there is not enough free space, or if the pool's state does not allow them.
 * @throws PoolError
 */
export function checkReserve(
  pool: string,
  status: ThinPoolStatus,
  { dataPercent = 0, metadataPercent = 0 }: Reserve = {},
): void {
  const { state, advice, data, metadata } = poolHealth(status);
  if (state !== 'ok' && state !== 'low') {
    throw new PoolError({
      code: REFUSAL[state],
      pool,
      problem: `cannot create a thin device or snapshot: the pool is ${state}`,
      hint: advice,
    });
  }
  demand(pool, 'data', data!, dataPercent);
  demand(pool, 'metadata', metadata!, metadataPercent);
}

function demand(pool: string, what: string, { used, total }: Usage, percent: number): void {
  const free = total - used;
  if (free * 100n >= total * BigInt(Math.ceil(percent))) return;
  throw new PoolError({
    code: 'ERR_POOL_FULL',
    pool,
    problem: `cannot create a thin device or snapshot: ${free} of ${total} ${what} blocks are free, expected at least ${percent} %`,
    hint: 'Grow the pool, or delete or trim thin devices',
  });
}
