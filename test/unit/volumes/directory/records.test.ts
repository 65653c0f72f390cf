// The records of a directory of volumes.

import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { VolumeRecords } from '../../../../src/volumes/directory/records.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const RECORD = { id: 9_000_000, size: 512n, created: new Date('2026-01-31T12:00:00Z') };

async function load(t: ExecutionContext, directory: string): Promise<VolumeRecords> {
  const records = await VolumeRecords.load(directory);
  t.teardown(() => records[Symbol.asyncDispose]());
  return records;
}

test('records and spare ids are there after the next load', async (t) => {
  const directory = tempDir(t);
  const records = await load(t, directory);
  t.is(records.count, 0);
  await records.write('b', RECORD);
  await records.write('a', { ...RECORD, id: 9_000_001 });
  await records.addSpare(9_000_002);
  await records.addSpare(9_000_003);
  await records.removeSpare(9_000_003);
  await records.rename('b', 'c');
  await records.write('d', { ...RECORD, id: 9_000_004 });
  await records.remove('d');
  const again = await load(t, directory);
  for (const one of [records, again]) {
    t.deepEqual(one.entries(), [
      ['a', { ...RECORD, id: 9_000_001 }],
      ['c', RECORD],
    ]);
    t.deepEqual(one.spareIds, [9_000_002]);
    t.is(one.nameOf(9_000_000), 'c');
    t.is(one.nameOf(9_000_002), undefined);
    t.is(one.count, 3);
  }
});

test('a new id is in the upper half, and is not taken', async (t) => {
  const records = await load(t, tempDir(t));
  const seen = new Set<number>();
  for (let n = 0; n < 1000; n++) {
    const id = records.newId();
    t.true(id >= 2 ** 23 && id < 2 ** 24);
    t.false(seen.has(id));
    seen.add(id);
  }
});

test('the temporary file of an interrupted write is removed', async (t) => {
  const directory = tempDir(t);
  await (await load(t, directory)).write('a', RECORD);
  for (const name of ['volumes', 'spares']) writeFileSync(join(directory, name, '.tmp12'), '{');
  await load(t, directory);
  t.deepEqual(readdirSync(join(directory, 'volumes')).toSorted(), ['.reserve', 'a']);
  t.deepEqual(readdirSync(join(directory, 'spares')), []);
});

type Damage = (directory: string) => void;

const DAMAGES: Readonly<Record<string, readonly [Damage, RegExp]>> = {
  'a name that no volume has': [
    (directory) => writeFileSync(join(directory, 'volumes/-x'), ''),
    /volumes\/-x: cannot use this file: its name cannot be that of a volume/,
  ],
  'a directory': [
    (directory) => mkdirSync(join(directory, 'volumes/x')),
    /volumes\/x: .*expected a regular file of at most 4096 bytes, got a directory/,
  ],
  'a link': [
    (directory) => symlinkSync('/etc/passwd', join(directory, 'volumes/x')),
    /volumes\/x: .*got a symbolic link/,
  ],
  'a large file': [
    (directory) => writeFileSync(join(directory, 'volumes/x'), Buffer.alloc(5000, ' ')),
    /volumes\/x: .*got 5000 bytes/,
  ],
  'two records with one thin device': [
    (directory) =>
      writeFileSync(join(directory, 'volumes/x'), readFileSync(join(directory, 'volumes/a'))),
    /volumes\/[ax]: cannot use this file: volume "[ax]" has the thin device 9000000 as well/,
  ],
  'a spare that is no id': [
    (directory) => writeFileSync(join(directory, 'spares/x'), ''),
    /spares\/x: cannot use this file: its name is not the id of a spare thin device/,
  ],
  'a spare id of another program': [
    (directory) => writeFileSync(join(directory, 'spares/1'), ''),
    /spares\/1: cannot use this file/,
  ],
};

for (const [title, [damage, message]] of Object.entries(DAMAGES)) {
  test(`${title} is refused, and nothing changes`, async (t) => {
    const directory = tempDir(t);
    await (await load(t, directory)).write('a', RECORD);
    writeFileSync(join(directory, 'volumes/.tmp1'), '');
    damage(directory);
    const before = readdirSync(directory, { recursive: true });
    await t.throwsAsync(VolumeRecords.load(directory), { code: 'ERR_STORAGE_RECORD', message });
    t.deepEqual(readdirSync(directory, { recursive: true }), before);
  });
}
