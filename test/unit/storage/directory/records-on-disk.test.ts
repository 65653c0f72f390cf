// The files of a storage as read at open, and the handling of foreign files.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { StorageError } from '../../../../src/storage/config/errors.ts';
import { BASE, type Layout, layoutOf } from '../../../../src/storage/directory/layout.ts';
import { makeDirectories, Records } from '../../../../src/storage/directory/records-on-disk.ts';
import { readRecords } from '../../../../src/storage/directory/records-read.ts';
import { RESERVE_FILE } from '../../../../src/storage/directory/reserve-file.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** The text of a layer's file. */
const layer = (deviceId: number): string =>
  `{"device_id":${deviceId},"size":1024,"transaction_id":${deviceId},"initialized":false,"deleted":false}`;
const record = (deviceId: number) => ({
  deviceId,
  size: 1024n,
  transactionId: BigInt(deviceId),
  initialized: false,
  deleted: false,
});

/** A directory with these files below `metadata`. */
async function storage(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
): Promise<Layout> {
  const root = tempDir(t);
  await makeDirectories(root);
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(root, 'metadata', name), text);
  return layoutOf(root);
}

/** The name and text of every file in a directory, without the reserve. */
const filesOf = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== RESERVE_FILE)
      .map(({ name }) => [name, readFileSync(join(path, name), 'utf8')]),
  );

test('layers and the base device are read, and other files are skipped', async (t) => {
  const layout = await storage(t, {
    base: layer(0),
    web: layer(1),
    'web-init': layer(2),
    'deviceset-metadata': '{"next_device_id":2,"BaseDeviceUUID":"u","BaseDeviceFilesystem":"xfs"}',
    'transaction-metadata': '{"open_transaction_id":9,"device_hash":"web","device_id":1}',
    'json.migrated': 'not read',
    '.hidden': 'not read',
  });
  await using records = await Records.load(layout);
  t.deepEqual(
    new Map(records.entries()),
    new Map([
      [BASE, record(0)],
      ['web', record(1)],
      ['web-init', record(2)],
    ]),
  );
  t.deepEqual(await records.readDeviceSet(), {
    nextDeviceId: 2,
    baseUuid: 'u',
    baseFilesystem: 'xfs',
  });
  t.deepEqual(await records.readTransaction(), { openId: 9n, hash: 'web', deviceId: 1 });
});

test('written records are read at the next open', async (t) => {
  const layout = await storage(t, {});
  {
    await using records = await Records.load(layout);
    t.is(records.size, 0);
    t.is(await records.readTransaction(), undefined);
    t.is(await records.readDeviceSet(), undefined);
    await records.write(BASE, record(0));
    await records.write('web', record(1));
    await records.write('old', record(2));
    await records.remove('old');
    await records.writeTransaction({ openId: 1n, hash: BASE, deviceId: 0 });
    await records.removeTransaction();
  }
  t.deepEqual(filesOf(layout.metadata), { base: layer(0), web: layer(1) });
  await using records = await Records.load(layout);
  t.deepEqual([...records.entries()].length, 2);
});

const intended = { openId: 5n, hash: BASE, deviceId: 3 };

test('a rolled back transaction leaves its pool id recorded while there are no layers', async (t) => {
  await using records = await Records.load(await storage(t, {}));
  await records.writeTransaction(intended);
  await records.rollBackTransaction(intended);
  t.deepEqual(await records.readTransaction(), { ...intended, openId: 4n });
});

test('a rolled back transaction leaves no record if there are layers or the pool is unused', async (t) => {
  await using records = await Records.load(await storage(t, {}));
  await records.rollBackTransaction({ ...intended, openId: 1n });
  t.is(await records.readTransaction(), undefined);
  await records.write(BASE, record(0));
  await records.writeTransaction(intended);
  await records.rollBackTransaction(intended);
  t.is(await records.readTransaction(), undefined);
});

test('only the temporary files of interrupted writes are removed', async (t) => {
  const layout = await storage(t, {
    base: layer(0),
    '.tmp123': '{"device_id":7,"si',
    '.tmp': 'nobody’s',
    '.tmp1x': 'nobody’s',
  });
  const names = () => Object.keys(filesOf(layout.metadata)).toSorted();
  await using records = await Records.load(layout);
  t.deepEqual(names(), ['.tmp', '.tmp123', '.tmp1x', 'base'], 'reading changes nothing');
  await records.settle(layout);
  t.deepEqual(names(), ['.tmp', '.tmp1x', 'base']);
  await records.settle(layout);
});

type Place = (path: string) => void;
const sparse = (path: string): void => {
  writeFileSync(path, '');
  truncateSync(path, 3 * 1024 ** 3);
};

/** What can be in the place of any record. */
const HOSTILE: readonly (readonly [what: string, place: Place, said: RegExp])[] = [
  ['that is truncated', (path) => writeFileSync(path, '{"device'), /it is not JSON/],
  ['that is empty', (path) => writeFileSync(path, ''), /it is empty/],
  ['of zeros', (path) => writeFileSync(path, Buffer.alloc(94)), /it is not JSON/],
  [
    'of blanks',
    (path) => writeFileSync(path, ' '.repeat(4097)),
    /at most 4096 bytes, got 4097 bytes/,
  ],
  ['of 3 GiB', sparse, /at most 4096 bytes, got 3221225472 bytes/],
  ['that is a fifo', (path) => execFileSync('mkfifo', [path]), /got a fifo/],
  ['that is a link to a device', (path) => symlinkSync('/dev/zero', path), /got a symbolic link/],
  [
    'that is a link to a valid file',
    (path) => {
      writeFileSync(join(path, '../../valid'), layer(5));
      symlinkSync('../valid', path);
    },
    /got a symbolic link/,
  ],
  ['that is a dangling link', (path) => symlinkSync('missing', path), /got a symbolic link/],
  ['that is a link to itself', (path) => symlinkSync(basename(path), path), /got a symbolic link/],
  ['that is a directory', (path) => mkdirSync(path), /got a directory/],
];

const FILES = ['web', 'base', 'deviceset-metadata', 'transaction-metadata'];

const REFUSED: readonly (readonly [what: string, file: string, place: Place, said: RegExp])[] = [
  ...FILES.flatMap((file) =>
    HOSTILE.map(([what, place, said]) => [what, file, place, said] as const),
  ),
  [
    'whose name is not a layer id',
    'web copy',
    (path) => writeFileSync(path, layer(5)),
    /layer id "web copy"/,
  ],
  ['called pool', 'pool', (path) => writeFileSync(path, layer(5)), /the name of the pool/],
  ['that is a directory', '.tmp2', (path) => mkdirSync(path), /expected a file, got a directory/],
  [
    'with a field called __proto__',
    'web',
    (path) => writeFileSync(path, layer(5).replace('{', '{"__proto__":{"deleted":true},')),
    /__proto__: expected never/,
  ],
  [
    'with a repeated field',
    'web',
    (path) => writeFileSync(path, layer(5).replace('{', '{"device_id":4,')),
    /a name is repeated/,
  ],
  [
    'that is nested deeply',
    'web',
    (path) => writeFileSync(path, `${'['.repeat(2000)}${']'.repeat(2000)}`),
    /nested deeper than 8 levels/,
  ],
  [
    'with another filesystem',
    'deviceset-metadata',
    (path) => writeFileSync(path, '{"next_device_id":1,"BaseDeviceFilesystem":"ext5"}'),
    /BaseDeviceFilesystem: expected .*"ext4".*, got "ext5"/,
  ],
];

for (const [what, file, place, message] of REFUSED) {
  test(`a file ${file} ${what} is rejected with its path, and nothing is changed`, async (t) => {
    const other = file === 'base' ? 'web' : 'base';
    const layout = await storage(t, { [other]: layer(0), '.tmp1': 'a leftover' });
    const path = join(layout.metadata, file);
    place(path);
    const before = readdirSync(layout.metadata);
    const loads = [() => Records.load(layout), () => readRecords(layout)];
    for (const load of file === '.tmp2' ? loads.slice(0, 1) : loads) {
      const error = await t.throwsAsync<StorageError>(load, {
        instanceOf: StorageError,
        code: 'ERR_STORAGE_RECORD',
        message,
      });
      t.is(error?.subject, path);
      t.regex(error?.message ?? '', /Nothing was changed/);
    }
    t.deepEqual(readdirSync(layout.metadata), before);
  });
}

for (const [what, place, message] of [
  ['a file', (path) => writeFileSync(path, ''), /it is not a directory|not a directory/],
  ['a dangling link', (path) => symlinkSync('missing', path), /leads nowhere|no such file/],
] as const satisfies readonly (readonly [string, Place, RegExp])[]) {
  test(`${what} in the place of the directory of records is an error that names it`, async (t) => {
    const root = tempDir(t);
    const path = join(root, 'metadata');
    place(path);
    await t.throwsAsync(makeDirectories(root), { instanceOf: StorageError, message });
    const error = await t.throwsAsync(readRecords(await layoutOf(root)), {
      instanceOf: StorageError,
      message,
    });
    t.true(error?.message.startsWith(`${path}: `), error?.message);
  });
}

test('a record of any owner and mode is read: a restored copy may have others', async (t) => {
  const layout = await storage(t, { base: layer(0), web: layer(1) });
  const path = join(layout.metadata, 'web');
  chmodSync(path, 0o666);
  if (process.getuid?.() === 0) chownSync(path, 12_345, 12_345);
  await using records = await Records.load(layout);
  t.deepEqual(records.get('web'), record(1));
});

test('a directory such as lost+found is skipped, as in Docker', async (t) => {
  const layout = await storage(t, { base: layer(0), web: layer(1) });
  mkdirSync(join(layout.metadata, 'lost+found'));
  await using records = await Records.load(layout);
  t.deepEqual([...records.entries()].map(([id]) => id).toSorted(), ['', 'web']);
});

test('two layers with one thin device: the error names both', async (t) => {
  const layout = await storage(t, { a: layer(1), b: layer(1) });
  const error = await t.throwsAsync<StorageError>(Records.load(layout), {
    code: 'ERR_STORAGE_RECORD',
    message: /layer "[ab]" has thin device 1, but layer "[ab]" has it as well/,
  });
  t.regex(error!.subject, /\/metadata\/[ab]$/);
});

/** The single file of a Docker before 0.12. */
function placeOld({ loop }: Layout, devices: Readonly<Record<string, number>>): string {
  const records = Object.entries(devices).map(
    ([id, deviceId]) =>
      `"${id}":{"device_id":${deviceId},"size":1024,"transaction_id":${deviceId},"initialized":false}`,
  );
  mkdirSync(loop);
  const path = join(loop, 'json');
  writeFileSync(path, `{"Devices":{${records.join(',')}}}`);
  return path;
}

test('the single file of an old Docker is migrated to one file for each layer, and renamed', async (t) => {
  const layout = await storage(t, { web: layer(7) });
  const text = readFileSync(placeOld(layout, { '': 0, web: 1, db: 2 }), 'utf8');
  {
    await using records = await Records.load(layout);
    t.deepEqual([...records.entries()].length, 3);
    t.true(records.isOld);
    t.deepEqual(filesOf(layout.metadata), { web: layer(7) }, 'reading changes nothing');
    await records.settle(layout);
    t.false(records.isOld);
  }
  // Existing files are newer.
  t.deepEqual(filesOf(layout.metadata), { base: layer(0), web: layer(7), db: layer(2) });
  t.deepEqual(filesOf(layout.loop), { 'json.migrated': text });
  await using again = await Records.load(layout);
  t.is(again.size, 3);
});

const HOSTILE_DEVICES: readonly (readonly [
  what: string,
  devices: Readonly<Record<string, number>>,
  said: RegExp,
])[] = [
  ['an id with a path', { a: 1, '../../evil': 2 }, /layer id "\.\.\/\.\.\/evil"/],
  ['an id that is the name of another file', { a: 1, 'transaction-metadata': 2 }, /another file/],
  ['the base device by its file name', { a: 1, base: 2 }, /another file/],
  [
    'the same thin device twice',
    { a: 1, b: 1 },
    /layer "b" has thin device 1, but layer "a" has it/,
  ],
  ['the thin device of an existing layer', { a: 7 }, /but layer "web" has it/],
  ['a name that an object has by itself', { a: 1, constructor: 2 }, /expected a layer id, got "co/],
];

for (const [what, devices, message] of HOSTILE_DEVICES) {
  test(`an old file with ${what} is rejected, and nothing is changed`, async (t) => {
    const layout = await storage(t, { web: layer(7) });
    const path = placeOld(layout, devices);
    const error = await t.throwsAsync<StorageError>(Records.load(layout), {
      code: 'ERR_STORAGE_RECORD',
      message,
    });
    t.is(error?.subject, path);
    t.deepEqual(filesOf(layout.metadata), { web: layer(7) });
    t.deepEqual(readdirSync(layout.loop), ['json']);
    t.deepEqual(readdirSync(layout.root).toSorted(), ['devicemapper', 'metadata']);
  });
}

for (const [what, place, message] of [
  ['a fifo', (path) => execFileSync('mkfifo', [path]), /got a fifo/],
  ['a dangling link', (path) => symlinkSync('missing', path), /got a symbolic link/],
  ['a directory', (path) => mkdirSync(path), /got a directory/],
  ['a sparse file', sparse, /at most 8388608 bytes, got 3221225472 bytes/],
  [
    'a file that has a layer twice',
    (path) => writeFileSync(path, `{"Devices":{"a":${layer(1)},"a":${layer(2)}}}`),
    /a name is repeated/,
  ],
  [
    'a file that has its list twice',
    (path) => writeFileSync(path, `{"Devices":{"a":${layer(1)}},"devices":{}}`),
    /a name is repeated/,
  ],
] as const satisfies readonly (readonly [string, Place, RegExp])[]) {
  test(`${what} in the place of the single file is rejected with its path`, async (t) => {
    const layout = await storage(t, { web: layer(7) });
    mkdirSync(layout.loop);
    const path = join(layout.loop, 'json');
    place(path);
    const error = await t.throwsAsync<StorageError>(Records.load(layout), {
      code: 'ERR_STORAGE_RECORD',
      message,
    });
    t.is(error?.subject, path);
    t.deepEqual(readdirSync(layout.loop), ['json']);
  });
}

test('other tasks run during the read of thousands of layers', async (t) => {
  const files = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`layer-${i}`, layer(i)]),
  );
  const layout = await storage(t, files);
  let turns = 0;
  const ticking = setInterval(() => turns++, 0);
  await using records = await Records.load(layout);
  clearInterval(ticking);
  t.is(records.size, 2000);
  t.true(turns > 0);
});
