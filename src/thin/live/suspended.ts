// Opens a pool that may be suspended: the caller's own is resumed, another program's is refused.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { PoolError } from './errors.ts';
import { type PoolHandle, poolTable } from './handle.ts';

/**
 * Refuses a suspended pool. Its program may be in the middle of a change: a resume would end that, and make an inactive
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

/** Whose pool is opened. */
export interface OwnedOptions {
  /**
   * The pool is the caller's own, and no other program changes its table now. A suspended pool is resumed on its live
   * table, and an inactive table is cleared. @default false
   */
  readonly owned?: boolean;
}

/**
 * Opens an active pool, and resumes the caller's own.
 * @throws PoolError ERR_POOL_NOT_ACTIVE; ERR_POOL_SUSPENDED for a suspended pool that is not `owned`
 */
export async function openPool(
  dm: DeviceMapper,
  name: string,
  { owned = false }: OwnedOptions,
): Promise<PoolHandle> {
  const { info } = await poolTable({ dm, name });
  const { dev, path, suspended, inactive } = info;
  if (suspended) {
    if (!owned) refuseSuspended(info);
    // A resume would make an inactive table live.
    if (inactive) await dm.clear({ dev });
    await dm.resume({ dev }, { noFlush: true });
  }
  return { dm, name, dev, path };
}
