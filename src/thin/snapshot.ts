// A snapshot of a thin device that may be in use. Its origin is suspended for the length of one message, with its
// filesystem frozen and its I/O flushed, and resumed whatever happens. The pool itself is never suspended.

import type { DeviceInfo } from '../dm/device-info.ts';
import type { CallOptions } from '../dm/options.ts';
import type { WorkingThinPool } from '../dm/targets/thin-pool.ts';
import type { ActiveThins } from './active-thins.ts';
import type { PoolHandle } from './handle.ts';
import { poolMessages, sendVerified } from './messenger.ts';

/** Make thin device `id` a snapshot of `origin`. */
export async function takeSnapshot(
  pool: PoolHandle,
  active: ActiveThins,
  { id, origin }: { readonly id: number; readonly origin: number },
  options: CallOptions,
): Promise<WorkingThinPool> {
  const send = () => sendVerified(pool, [poolMessages.createSnap(id, origin)]);
  const device = await active.find(origin);
  // One that is suspended already is left so: whoever did it knows why.
  if (device === undefined || device.suspended || !device.live) return send();
  return whileSuspended(pool, device, send, options);
}

async function whileSuspended<T>(
  { dm }: PoolHandle,
  { dev }: DeviceInfo,
  task: () => Promise<T>,
  { signal }: CallOptions,
): Promise<T> {
  await dm.suspend({ dev }, { signal });
  try {
    return await task();
  } finally {
    // Not with the caller's signal: an abort must not leave the origin suspended.
    await dm.resume({ dev });
  }
}
