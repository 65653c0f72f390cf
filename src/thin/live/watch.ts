// Watches a pool by events of the device mapper, without a thread or a timer.

import type { CallOptions } from '../../dm/device/options.ts';
import { isPoolError } from './errors.ts';
import { type PoolHandle, poolStatus } from './handle.ts';
import { type HealthThresholds, type PoolHealth, poolHealth } from './health.ts';

/** A change of a pool. */
export interface PoolEvent {
  /**
   * `'health'`: the state changed, or this is the first event. `'usage'`: the usage changed, the state did not.
   * `'gone'`: the pool was deactivated; this is the last event.
   */
  readonly type: 'health' | 'usage' | 'gone';
  /** The present health; for `'gone'`, the last one. */
  readonly health: PoolHealth;
}

/**
 * Yields the events of a pool, from its present state until it is removed or `signal` is aborted, which throws its
 * reason.
 *
 * The kernel sends an event when free data blocks fall below the low-water mark, when metadata is short, when the pool
 * is full, at each change of its mode, and when any device is created, resumed with a new table or removed. Other
 * changes of the usage send no event.
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
