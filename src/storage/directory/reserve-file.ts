// A reserve file, with which a record can be replaced while the filesystem is full. The new record is written over the
// blocks of the reserve file, which allocates nothing, and takes the record's name. The default pool is in files beside
// the records and fills the same filesystem; the removal of layers must still work then, because it frees space.

import { constants } from 'node:fs';
import { link, lstat, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt } from '../../ioctl/input/attempt.ts';

/** The name of the reserve file. Docker ignores files whose names begin with a dot. */
export const RESERVE_FILE = '.reserve';
const RESERVE_BYTES = 4096;
/** Without following a link, and without waiting for the reader of a fifo. */
const IN_PLACE = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Creates the reserve file unless it exists. It replaces anything that is not a file of its own: a link to another file.
 * @param temporary a path in the same directory, which a crash may leave behind
 */
export async function makeReserve(directory: string, temporary: string): Promise<void> {
  const reserve = join(directory, RESERVE_FILE);
  const found = await attempt(() => lstat(reserve));
  if (found?.isFile() && found.nlink === 1) return;
  {
    await using file = await open(temporary, 'wx', 0o600);
    // Write the blocks instead of only allocating them: the first write of an allocated block may need another block.
    await file.writeFile(Buffer.alloc(RESERVE_BYTES));
    await file.sync();
  }
  await rename(temporary, reserve);
}

/**
 * Replaces the file `name` with `text`, in the blocks of the reserve file. The old file becomes the next reserve file.
 * The caller syncs the directory.
 * @throws Error, Node's own or not, if the reserve file does not exist, is not a file of its own, or is too small
 */
export async function writeInReserve(
  directory: string,
  temporary: string,
  { name, text }: { readonly name: string; readonly text: string },
): Promise<void> {
  const reserve = join(directory, RESERVE_FILE);
  const target = join(directory, name);
  {
    const bytes = Buffer.from(text);
    await using file = await open(reserve, IN_PLACE);
    const found = await file.stat();
    // Another name of the file would get the text as well.
    if (!found.isFile() || found.nlink > 1) throw new Error(`${reserve} is not a file of its own`);
    await file.write(bytes, 0, bytes.length, 0);
    await file.truncate(bytes.length);
    await file.sync();
  }
  // At any moment the record exists under its name, with its old or its new text.
  await attempt(() => link(target, temporary));
  await rename(reserve, target);
  await attempt(() => rename(temporary, reserve));
}
