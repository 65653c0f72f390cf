// What becomes of a pool, as the kernel tells it: by events of the device mapper, without a thread and without a timer.

import type { CallOptions } from '../dm/options.ts';
import { isPoolError } from './errors.ts';
import { type PoolHandle, poolStatus } from './handle.ts';
import { type HealthThresholds, type PoolHealth, poolHealth } from './health.ts';

/** What has happened to a pool. */
export interface PoolEvent {
  /**
   * `'health'`: the state is another one, or this is the first look. `'usage'`: the state is the same, the figures are
   * not. `'gone'`: the pool has been deactivated; nothing comes after it.
   */
  readonly type: 'health' | 'usage' | 'gone';
  /** As it is now; when it is gone, as it was last. */
  readonly health: PoolHealth;
}

/**
 * The events of a pool, from how it is now until it is gone or `signal` is aborted, which throws its reason.
 *
 * The kernel wakes us when free data blocks fall below the table's low-water mark, when metadata is short, when the pool is
 * full, at every change of its mode, and when any device is made, swapped or removed. Nobody tells of blocks that are used
 * or freed otherwise.
 */
export async function* watchPool(
  pool: PoolHandle,
  thresholds: HealthThresholds | undefined,
  { signal }: CallOptions,
): AsyncGenerator<PoolEvent, void, void> {
  let before: PoolHealth | undefined;
  for await (const _ of pool.dm.wakeups({ signal })) {
    const health = await lookOrGone(pool, thresholds);
    if (health === undefined) {
      if (before !== undefined) yield { type: 'gone', health: before };
      return;
    }
    if (health.state !== before?.state) yield { type: 'health', health };
    else if (!sameUsage(health, before)) yield { type: 'usage', health };
    before = health;
  }
}

const sameUsage = (a: PoolHealth, b: PoolHealth): boolean =>
  (['data', 'metadata'] as const).every(
    (what) => a[what]?.used === b[what]?.used && a[what]?.total === b[what]?.total,
  );

async function lookOrGone(
  pool: PoolHandle,
  thresholds: HealthThresholds | undefined,
): Promise<PoolHealth | undefined> {
  try {
    return poolHealth(await poolStatus(pool), thresholds);
  } catch (error) {
    if (isPoolError(error, 'ERR_POOL_NOT_ACTIVE')) return undefined;
    throw error;
  }
}
