// Whether metadata can be read at all: the programs report what they cannot read as they report damage.

import { stat } from 'node:fs/promises';
import { readHead } from '../../block/signatures.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { InputError } from '../../dm/wire/errors.ts';
import { SUPERBLOCK_BYTES } from './superblock.ts';

/**
 * Refuses a path that is neither a block device nor a file, before it is opened (opening a FIFO would wait for a writer), and one
 * whose first block cannot be read.
 * @throws InputError that names `field`; Node's own error or SyscallError from opening and reading
 */
export async function refuseUnreadable(
  path: string,
  field: string,
  { signal }: CallOptions = {},
): Promise<void> {
  const found = await stat(path);
  if (!found.isFile() && !found.isBlockDevice()) {
    throw new InputError({ field, expected: 'a block device or a file', received: path });
  }
  await readHead(path, SUPERBLOCK_BYTES, { signal });
}
