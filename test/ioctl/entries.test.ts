import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type NumberedEntry, numberedEntries } from '../../src/ioctl/entries.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const sorted = (entries: readonly NumberedEntry[]): readonly number[] =>
  entries.map(({ number }) => number).toSorted((a, b) => a - b);

test('numbers of what has the prefix, whatever kind it is', (t) => {
  const directory = tempDir(t);
  writeFileSync(join(directory, 'dm-0'), '');
  symlinkSync('nowhere', join(directory, 'dm-7'));
  mkdirSync(join(directory, 'dm-1048575'));
  for (const name of ['dm-', 'dm-x', 'dm-1x', 'dm', 'md0', '7', 'xdm-3']) {
    writeFileSync(join(directory, name), '');
  }
  t.deepEqual(sorted(numberedEntries(directory, 'dm-')), [0, 7, 1_048_575]);
  t.deepEqual(sorted(numberedEntries(directory, '')), [7]);
});

test('each with its inode', (t) => {
  const directory = tempDir(t);
  for (const name of ['dm-1', 'dm-2']) writeFileSync(join(directory, name), '');
  for (const { number, inode } of numberedEntries(directory, 'dm-')) {
    t.is(inode, lstatSync(join(directory, `dm-${number}`)).ino);
  }
});

test('more than one call gives', (t) => {
  const directory = tempDir(t);
  const many = Array.from({ length: 3000 }, (_, i) => i);
  for (const i of many) symlinkSync('x', join(directory, `dm-${i}`));
  t.deepEqual(sorted(numberedEntries(directory, 'dm-')), many);
});

test('a directory of the kernel itself', (t) => {
  t.true(sorted(numberedEntries('/proc/self/task', '')).includes(process.pid));
});

test('a directory that is not there, and what is none', (t) => {
  t.throws(() => numberedEntries(join(tempDir(t), 'missing'), 'dm-'), { code: 'ENOENT' });
  t.throws(() => numberedEntries('/proc/self/status', 'dm-'), {
    code: 'ENOTDIR',
    message: /getdents64 '\/proc\/self\/status'/,
  });
});
