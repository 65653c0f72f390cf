// Reads the last commit of an active pool's metadata, without a metadata snapshot and without a write.
//
// The kernel never overwrites a block of the last commit, and each commit replaces the superblock. So everything that
// is read while the superblock is unchanged belongs to one state of the pool.

import { readHead } from '../../block/signatures.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { holdLoop } from '../../ioctl/loop/loop.ts';
import { PoolError } from '../live/errors.ts';
import { SUPERBLOCK_BYTES } from './superblock.ts';

const TRIES = 3;

/**
 * Runs `read` on a read-only loop device on the metadata device of an active pool, because the programs refuse the
 * device itself. If the pool commits meanwhile, `read` runs again.
 * @throws the error of `read`; PoolError ERR_POOL_BUSY when the pool commits too often
 */
export async function readCommitted<T>(
  { name, device }: { readonly name: string; readonly device: string },
  read: (path: string) => Promise<T>,
  { signal }: CallOptions = {},
): Promise<T> {
  await using loop = await holdLoop(device, {
    readOnly: true,
    autoclear: true,
    ...(signal && { signal }),
  });
  // Await before the disposal: the loop device must stay attached.
  return await whileUnchanged(
    () => readHead(device, SUPERBLOCK_BYTES, { signal }),
    () => read(loop.path),
    name,
  );
}

/**
 * Runs `read` until `look` returns the same bytes before and after it.
 * @throws the error of `read`; PoolError ERR_POOL_BUSY
 */
export async function whileUnchanged<T>(
  look: () => Promise<Buffer>,
  read: () => Promise<T>,
  pool: string,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const before = await look();
    const outcome = await read().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if ((await look()).equals(before)) {
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    }
    if (tries === TRIES) {
      throw new PoolError({
        code: 'ERR_POOL_BUSY',
        pool,
        problem: `cannot read its metadata: the pool committed during each of ${TRIES} tries`,
        hint: 'Try again when it has fewer writes, or read a metadata snapshot, which writes to the pool',
      });
    }
  }
}
