import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { WriteLog } from '../../support/crash/write-log.ts';
import { tempDir } from '../../support/temp-dir.ts';

const SECTOR = 512;

/** One sector with numbers of 64 bits and a text after them. */
function sector(numbers: readonly number[], text = ''): Buffer {
  const bytes = Buffer.alloc(SECTOR);
  for (const [index, number] of numbers.entries())
    bytes.writeBigUInt64LE(BigInt(number), index * 8);
  bytes.write(text, numbers.length * 8);
  return bytes;
}

/** The log of a write of sector 2, a flush, a mark, a discard of sector 0, and a FUA write of sector 1. */
const LOG = Buffer.concat([
  superblock(5),
  sector([2, 1, 0, 0]),
  Buffer.alloc(SECTOR, 'w'),
  sector([0, 0, 1, 0]),
  sector([0, 0, 8, 4], 'done'),
  sector([0, 1, 4, 0]),
  sector([1, 1, 2, 0]),
  Buffer.alloc(SECTOR, 'f'),
]);

function superblock(entries: number, magic = 0x6a736677736872n): Buffer {
  const bytes = sector([0, 1, entries, SECTOR]);
  bytes.writeBigUInt64LE(magic);
  return bytes;
}

test('a log has writes, flushes, marks and discards', (t) => {
  const path = join(tempDir(t), 'log');
  writeFileSync(path, LOG);
  using log = new WriteLog(path);
  const told = log.entries.map(({ offset, length, flush, fua, discard, mark }) =>
    [offset, length, flush && 'flush', fua && 'fua', discard && 'discard', mark]
      .filter((word) => word !== false && word !== undefined)
      .join(' '),
  );
  t.deepEqual(told, ['1024 512', '0 0 flush', '0 0 done', '0 512 discard', '512 512 fua']);
});

test('repeated entries give the disk', (t) => {
  const directory = tempDir(t);
  writeFileSync(join(directory, 'log'), LOG);
  writeFileSync(join(directory, 'disk'), Buffer.alloc(4 * SECTOR, 'o'));
  using log = new WriteLog(join(directory, 'log'));
  const fd = openSync(join(directory, 'disk'), 'r+');
  for (const entry of log.entries) log.repeat(entry, fd);
  closeSync(fd);
  const letters = ['\0', 'f', 'w', 'o'].map((letter) => letter.repeat(SECTOR)).join('');
  t.is(readFileSync(join(directory, 'disk'), 'utf8'), letters);
});

test('a file that is no log, and a log that ends early, are refused', (t) => {
  const path = join(tempDir(t), 'log');
  writeFileSync(path, superblock(0, 1n));
  t.throws(() => new WriteLog(path), { message: /invalid log of writes: expected magic/ });
  writeFileSync(path, superblock(1));
  t.throws(() => new WriteLog(path), { message: 'the log of writes ends at byte 512' });
});
