// The behaviour on a full filesystem is in test/kernel/storage/failures.test.ts.

import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { DurableDirectory } from '../../../../src/storage/directory/durable-file.ts';
import {
  makeReserve,
  RESERVE_FILE,
  writeInReserve,
} from '../../../../src/storage/directory/reserve-file.ts';
import { tempDir } from '../../../support/temp-dir.ts';

test('a directory with a reserve gets it at the first write', async (t) => {
  const path = tempDir(t);
  await using directory = await DurableDirectory.open(path, { reserve: true });
  t.deepEqual(readdirSync(path), []);
  await directory.write('web', 'text');
  t.deepEqual(readdirSync(path).toSorted(), [RESERVE_FILE, 'web']);
  t.is(statSync(join(path, RESERVE_FILE)).size, 4096);
});

test('a record uses the blocks of the reserve, and the old record becomes the next reserve', async (t) => {
  const path = tempDir(t);
  const inode = (name: string): number => statSync(join(path, name)).ino;
  await makeReserve(path, join(path, '.tmp1'));
  writeFileSync(join(path, 'web'), 'the old text');
  const [reserve, old] = [inode(RESERVE_FILE), inode('web')];
  await writeInReserve(path, join(path, '.tmp2'), { name: 'web', text: 'text' });
  t.is(readFileSync(join(path, 'web'), 'utf8'), 'text');
  t.deepEqual([inode('web'), inode(RESERVE_FILE)], [reserve, old]);
  t.deepEqual(readdirSync(path).toSorted(), [RESERVE_FILE, 'web']);
  t.is(statSync(join(path, 'web')).nlink, 1);
});

test('a new record uses up the reserve', async (t) => {
  const path = tempDir(t);
  await makeReserve(path, join(path, '.tmp1'));
  await writeInReserve(path, join(path, '.tmp2'), { name: 'web', text: 'text' });
  t.deepEqual(readdirSync(path), ['web']);
  const again = writeInReserve(path, join(path, '.tmp3'), { name: 'web', text: 'other' });
  await t.throwsAsync(again, { code: 'ENOENT' });
  t.is(readFileSync(join(path, 'web'), 'utf8'), 'text');
});

const FOREIGN: readonly (readonly [
  what: string,
  place: (reserve: string, other: string) => void,
])[] = [
  ['a symbolic link', (reserve, other) => symlinkSync(other, reserve)],
  ['a dangling link', (reserve, other) => symlinkSync(`${other}-missing`, reserve)],
  ['another name of a file', (reserve, other) => linkSync(other, reserve)],
  ['a fifo', (reserve) => execFileSync('mkfifo', [reserve])],
];

for (const [what, place] of FOREIGN) {
  test(`${what} in the place of the reserve gets no text, and the next reserve replaces it`, async (t) => {
    const path = tempDir(t);
    const [reserve, other] = [join(path, RESERVE_FILE), join(path, 'other')];
    writeFileSync(other, 'the text of another file');
    writeFileSync(join(path, 'web'), 'the old text');
    place(reserve, other);
    await t.throwsAsync(writeInReserve(path, join(path, '.tmp1'), { name: 'web', text: 'text' }));
    await makeReserve(path, join(path, '.tmp2'));
    t.is(readFileSync(other, 'utf8'), 'the text of another file');
    t.is(readFileSync(join(path, 'web'), 'utf8'), 'the old text');
    const found = lstatSync(reserve);
    t.deepEqual([found.isFile(), found.nlink, found.size], [true, 1, 4096]);
    t.deepEqual(readdirSync(path).toSorted(), [RESERVE_FILE, 'other', 'web']);
  });
}

test('a directory in the place of the reserve stays, and records are written without a reserve', async (t) => {
  const path = tempDir(t);
  mkdirSync(join(path, RESERVE_FILE));
  await using directory = await DurableDirectory.open(path, { reserve: true });
  await directory.write('web', 'text');
  t.is(readFileSync(join(path, 'web'), 'utf8'), 'text');
  t.deepEqual(readdirSync(path).toSorted(), [RESERVE_FILE, 'web']);
});
