// A first open that died after the kernel had formatted the pool's metadata. The kernel formats it when the first table is
// loaded, and records the size of the data at the first resume.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { thinPool } from '../../../src/dm/targets/index.ts';
import { DeviceMapper } from '../../../src/index.ts';
import { attachLoop, detachLoop } from '../../../src/ioctl/index.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { readMetadata } from '../../../src/thin/index.ts';
import { full, writeSectors } from '../../support/kernel/device-io.ts';
import { checkInvariants } from '../../support/kernel/invariants.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB, output, scratchLoop, uniqueName } from '../../support/kernel/scratch.ts';
import { openStorage, SMALL, storageRoot } from '../../support/kernel/storage.ts';

const DATA = 512 * MiB;
const METADATA = 8 * MiB;
const SECTOR = 512;
/** Sectors of the superblock. */
const SUPERBLOCK = 8;

/** Formats the metadata of a pool, and stops before the resume. */
async function formatOnly(dm: DeviceMapper, metadataDevice: string, dataDevice: string) {
  const name = uniqueName('half-made');
  await dm.create(name);
  await dm.load(name, [thinPool({ length: DATA / SECTOR, metadataDevice, dataDevice })]);
  await dm.remove(name);
  const content = await readMetadata(metadataDevice);
  return content.state === 'pool' ? content.superblock.dataBlocks : content.state;
}

/** The pool files of a storage whose first open has died. */
async function halfMadeFiles(t: ExecutionContext, dm: DeviceMapper): Promise<string> {
  const root = storageRoot(t);
  const directory = join(root, 'devicemapper');
  mkdirSync(directory, { recursive: true });
  const [data, metadata] = [join(directory, 'data'), join(directory, 'metadata')];
  output('truncate', `--size=${DATA}`, data);
  output('truncate', `--size=${METADATA}`, metadata);
  const loops = [await attachLoop(metadata), await attachLoop(data)];
  try {
    t.is(await formatOnly(dm, loops[0]!.path, loops[1]!.path), 0n, 'the metadata has no data');
  } finally {
    for (const { path } of loops) await detachLoop(path);
  }
  return root;
}

test('on loop files, the next open completes the pool', async (t) => {
  await using dm = await DeviceMapper.open();
  const root = await halfMadeFiles(t, dm);
  const storage = await openStorage(t, root);
  t.is((await storage.status()).data.total, BigInt(DATA));
  await storage.create('a');
  await storage.shutdown();
  t.deepEqual(await checkInvariants(t, root, SMALL), ['a']);
});

/** The same, with the superblock lost: the kernel writes it last. */
async function filesWithoutSuperblock(t: ExecutionContext, dm: DeviceMapper): Promise<string> {
  const root = await halfMadeFiles(t, dm);
  const metadata = join(root, 'devicemapper/metadata');
  writeSectors(metadata, 0, full('\0', SUPERBLOCK));
  t.is((await readMetadata(metadata)).state, 'unformatted');
  return root;
}

test('W19: on loop files, the next open formats metadata without a superblock again', async (t) => {
  await using dm = await DeviceMapper.open();
  const root = await filesWithoutSuperblock(t, dm);
  const storage = await openStorage(t, root);
  t.is((await storage.status()).data.total, BigInt(DATA));
  await storage.create('a');
  await storage.shutdown();
  t.deepEqual(await checkInvariants(t, root, SMALL), ['a']);
});

test('on loop files with data, metadata without a superblock is refused', async (t) => {
  await using dm = await DeviceMapper.open();
  const root = await filesWithoutSuperblock(t, dm);
  writeSectors(join(root, 'devicemapper/data'), DATA / SECTOR - 1, full('d', 1));
  await t.throwsAsync(openStorage(t, root), { code: 'ERR_POOL_NOT_BLANK' });
});

test('a view shows the incomplete pool, and changes nothing', async (t) => {
  await using dm = await DeviceMapper.open();
  const root = await halfMadeFiles(t, dm);
  const hash = () => output('sha256sum', join(root, 'devicemapper/metadata'));
  const before = hash();
  await using view = await DevicemapperStorage.open({ root, readOnly: true });
  t.is((await view.status()).data.total, 0n);
  t.deepEqual(view.layers(), []);
  t.is(hash(), before);
});

test('on devices, the next open completes the pool', async (t) => {
  await using dm = await DeviceMapper.open();
  const [data, metadata] = [await scratchLoop(t, DATA), await scratchLoop(t, METADATA)];
  t.is(await formatOnly(dm, metadata, data), 0n);
  const root = storageRoot(t);
  const storageOptions = [
    `dm.datadev=${data}`,
    `dm.metadatadev=${metadata}`,
    'dm.basesize=64M',
    'dm.fs=ext4',
  ];
  const storage = await DevicemapperStorage.open({ root, storageOptions });
  t.is((await storage.status()).data.total, BigInt(DATA));
  await storage.create('a');
  await storage.shutdown();
});

test('nothing is left', assertNothingLeft);
