import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { openBlocks } from '../../../../src/ioctl/file/read-blocks.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const BLOCK = 4096;

test('the blocks of a file, and no other', async (t) => {
  const path = join(tempDir(t), 'file');
  const bytes = Buffer.from(Array.from({ length: 2 * BLOCK + 100 }, (_, i) => i % 251));
  writeFileSync(path, bytes);
  await using blocks = await openBlocks(path);
  t.true((await blocks.read(1n)).equals(bytes.subarray(BLOCK, 2 * BLOCK)));
  t.true((await blocks.read(0n)).equals(bytes.subarray(0, BLOCK)));
  // The last block is cut. The others are behind the end of the file, of any file, and of 64 bits.
  for (const number of [
    2n,
    3n,
    2n ** 51n - 2n,
    2n ** 51n - 1n,
    2n ** 51n,
    2n ** 52n,
    2n ** 64n - 1n,
  ]) {
    await t.throwsAsync(blocks.read(number), {
      instanceOf: RangeError,
      message: /^cannot read block/,
    });
  }
});
