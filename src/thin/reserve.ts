// What must stay free, so that what is there can go on being written: a snapshot costs next to nothing today, and all
// that it and its origin write from then on.

import type { ThinPoolStatus } from '../dm/targets/thin-pool.ts';
import { PoolError } from './errors.ts';
import { poolHealth, REFUSAL, type Usage } from './health.ts';

/** What must be free, in percent of all blocks. */
export interface Reserve {
  /** @default 0 */
  readonly dataPercent?: number;
  /** @default 0 */
  readonly metadataPercent?: number;
}

/**
 * Refuse new thin devices and snapshots where too little is free, or the pool is out of order.
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
      problem: `nothing new can be made: the pool is ${state}`,
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
    problem: `nothing new can be made: ${free} of ${total} ${what} blocks are free, and ${percent} % are to stay so`,
    hint: 'Grow the pool, or delete or trim thin devices',
  });
}
