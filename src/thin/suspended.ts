// A pool that its owner has suspended is left alone.

import type { DeviceInfo } from '../dm/device-info.ts';
import { PoolError } from './errors.ts';

/**
 * Refuse a pool that is suspended. Its owner may be in the middle of a change: a resume would end that, and swap in what waits.
 * @throws PoolError ERR_POOL_SUSPENDED
 */
export function refuseSuspended({ name, suspended, inactive }: DeviceInfo): void {
  if (!suspended) return;
  throw new PoolError({
    code: 'ERR_POOL_SUSPENDED',
    pool: name,
    problem: `it is suspended${inactive ? ', and a table waits to replace its own' : ''}: its owner may be changing it`,
    hint: `Wait for its owner. If that has died: ${
      inactive ? `"dmts clear ${name}" drops the table that waits, and ` : ''
    }"dmts resume ${name} --noflush" lets the pool run`,
  });
}
