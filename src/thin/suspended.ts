// Refuse a pool that another program suspended.

import type { DeviceInfo } from '../dm/device-info.ts';
import { PoolError } from './errors.ts';

/**
 * Refuse a suspended pool. Its program may be in the middle of a change: a resume would end that, and make an inactive
 * table live.
 * @throws PoolError ERR_POOL_SUSPENDED
 */
export function refuseSuspended({ name, suspended, inactive }: DeviceInfo): void {
  if (!suspended) return;
  throw new PoolError({
    code: 'ERR_POOL_SUSPENDED',
    pool: name,
    problem: `it is suspended${inactive ? ' and has an inactive table' : ''}: another program may be changing it`,
    hint: `Wait for that program. If it has died: ${
      inactive ? `"dmts clear ${name}" clears the inactive table, and ` : ''
    }"dmts resume ${name} --noflush" resumes the pool`,
  });
}
