// The behaviour on a full filesystem is in test/kernel/storage/failures.test.ts.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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
