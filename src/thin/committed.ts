// The metadata of a live pool as its last commit has it, read without a metadata snapshot: nothing is written.
//
// The kernel never overwrites a block that the last commit uses; the commit itself replaces the superblock. So what was read
// between two looks at an unchanged superblock is one state of the pool.

import type { CallOptions } from '../dm/options.ts';
import { holdLoop } from '../ioctl/loop.ts';
import { PoolError } from './errors.ts';
import { readHead } from './signatures.ts';

const SUPERBLOCK_BYTES = 4096;
const TRIES = 3;

/**
 * Run `read` on a read-only loop device over the metadata device of a live pool: the programs refuse the device itself.
 * Where the pool commits meanwhile, `read` runs again.
 * @throws what `read` throws; PoolError ERR_POOL_BUSY when the pool commits too often
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
  // Awaited here: what is read stays open until then.
  return await whileUnchanged(
    () => readHead(device, SUPERBLOCK_BYTES, { signal }),
    () => read(loop.path),
    name,
  );
}

/**
 * Run `read` until `look` gives the same before and after it.
 * @throws what `read` throws; PoolError ERR_POOL_BUSY
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
        problem: `cannot read its metadata as it is: the pool committed during each of ${TRIES} tries`,
        hint: 'Try again when less is written to it, or read a metadata snapshot, which the pool writes',
      });
    }
  }
}
