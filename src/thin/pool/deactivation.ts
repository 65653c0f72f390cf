// Deactivates a pool, and names its holders if it is in use.

import { holdersHint } from '../../block/holders.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import type { DeactivateThinOptions } from '../devices/thin-devices.ts';
import { PoolError } from '../live/errors.ts';
import type { PoolHandle } from '../live/handle.ts';

/**
 * Removes the device of a pool. A pool that is not active is not an error.
 * @throws PoolError ERR_POOL_BUSY with the holders, after `timeoutMs`
 */
export async function deactivatePool(
  { dm, dev, name }: PoolHandle,
  { timeoutMs = 0, signal }: DeactivateThinOptions,
): Promise<void> {
  try {
    await dm.remove({ dev }, { retryMs: timeoutMs, signal });
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return;
    if (!isDmError(error, 'EBUSY')) throw error;
    throw new PoolError({
      code: 'ERR_POOL_BUSY',
      pool: name,
      problem: 'it is in use',
      hint: await holdersHint(dev),
      cause: error,
    });
  }
}
