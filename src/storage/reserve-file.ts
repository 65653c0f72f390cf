// A small file that is written while there is room, so that a record can still be replaced once the filesystem is full: the
// record is written over its blocks, which allocates nothing, and it takes the record's name. The default pool is in files
// beside the records, and fills that very filesystem; removing layers is what makes room then.

import { link, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt } from '../ioctl/attempt.ts';

/** Its name. Docker takes no file for a record whose name begins with a dot. */
export const RESERVE_FILE = '.reserve';
const RESERVE_BYTES = 4096;

/** Make it, unless it is there. `temporary`: a path beside it that a crash may leave behind. */
export async function makeReserve(directory: string, temporary: string): Promise<void> {
  const reserve = join(directory, RESERVE_FILE);
  if ((await attempt(() => stat(reserve))) !== undefined) return;
  {
    await using file = await open(temporary, 'wx', 0o600);
    // Written, and not only allocated: blocks that were never written may need another one when they are.
    await file.writeFile(Buffer.alloc(RESERVE_BYTES));
    await file.sync();
  }
  await rename(temporary, reserve);
}

/**
 * Put `text` in the place of the file `name`, in the blocks of the reserve. The file that was there becomes the next reserve.
 * The name is not durable yet.
 * @throws Node's own error where there is no reserve, or it has no room
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
    await using file = await open(reserve, 'r+');
    await file.write(bytes, 0, bytes.length, 0);
    await file.truncate(bytes.length);
    await file.sync();
  }
  // At every moment the record has its name, and its old or its new text.
  await attempt(() => link(target, temporary));
  await rename(reserve, target);
  await attempt(() => rename(temporary, reserve));
}
