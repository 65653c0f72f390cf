import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  entriesIn,
  type NumberedEntry,
  numberedEntries,
} from '../../../../src/ioctl/file/entries.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const sorted = (entries: readonly NumberedEntry[]): readonly number[] =>
  entries.map(({ number }) => number).toSorted((a, b) => a - b);

test('entries of any file type with the prefix are listed by number', (t) => {
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

test('each entry has its inode number', (t) => {
  const directory = tempDir(t);
  for (const name of ['dm-1', 'dm-2']) writeFileSync(join(directory, name), '');
  for (const { number, inode } of numberedEntries(directory, 'dm-')) {
    t.is(inode, lstatSync(join(directory, `dm-${number}`)).ino);
  }
});

test('a directory that needs more than one call is read completely', (t) => {
  const directory = tempDir(t);
  const many = Array.from({ length: 3000 }, (_, i) => i);
  for (const i of many) symlinkSync('x', join(directory, `dm-${i}`));
  t.deepEqual(sorted(numberedEntries(directory, 'dm-')), many);
});

test('a directory of /proc is read', (t) => {
  t.true(sorted(numberedEntries('/proc/self/task', '')).includes(process.pid));
});

test('a missing directory fails with ENOENT, a file with ENOTDIR', (t) => {
  t.throws(() => numberedEntries(join(tempDir(t), 'missing'), 'dm-'), { code: 'ENOENT' });
  t.throws(() => numberedEntries('/proc/self/status', 'dm-'), {
    code: 'ENOTDIR',
    message: /getdents64 '\/proc\/self\/status'/,
  });
});

/** A `struct linux_dirent64` of `size` bytes whose `d_reclen` is `length`. */
function entry(
  name: string,
  { size = 24, length = size }: { readonly size?: number; readonly length?: number } = {},
): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeBigUInt64LE(5n, 0);
  bytes.writeUInt16LE(length, 16);
  bytes.write(name, 19, 'latin1');
  return bytes;
}

const REPLIES = [
  ['nothing', [], []],
  ['one entry', [entry('dm-7')], [7]],
  ['two, the first of them padded', [entry('dm-7', { size: 32 }), entry('dm-8')], [7, 8]],
  ['the shortest name', [entry('d', { size: 21 }), entry('dm-8')], [8]],
  ['a name that ends with its entry, without a NUL', [entry('dm-12', { size: 24 })], []],
] as const;

for (const [title, parts, numbers] of REPLIES) {
  test(`a reply with ${title}`, (t) => {
    const found = entriesIn(Buffer.concat(parts), Buffer.from('dm-'));
    t.deepEqual(
      found,
      numbers.map((number) => ({ number, inode: 5 })),
    );
  });
}

/** Replies with inconsistent lengths. Parsing them must end. */
const INVALID = [
  [
    'an entry of no bytes',
    entry('dm-7', { length: 0 }),
    /^invalid reply of getdents64: expected an entry of 21 to 24 bytes at 0, got 0$/,
  ],
  ['an entry without a name', entry('dm-7', { length: 20 }), /got 20$/],
  ['an entry beyond the end', entry('dm-7', { length: 25 }), /to 24 bytes at 0, got 25$/],
  [
    'an entry of no bytes after a valid one',
    Buffer.concat([entry('dm-7'), entry('dm-8', { length: 0 })]),
    /at 24, got 0$/,
  ],
  ['a truncated entry', Buffer.concat([entry('dm-7'), Buffer.alloc(8)]), /at 24, got 0$/],
] as const;

for (const [title, bytes, message] of INVALID) {
  test(`an invalid reply is rejected: ${title}`, (t) => {
    t.throws(() => entriesIn(bytes, Buffer.from('dm-')), { instanceOf: RangeError, message });
  });
}
