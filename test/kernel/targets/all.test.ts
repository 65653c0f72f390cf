// Each typed target on a real kernel: the loaded table, the table read back, and the location of the data.

import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import {
  error,
  linear,
  striped,
  type ThinPoolFeature,
  thin,
  thinPool,
  zero,
} from '../../../src/dm/targets/index.ts';
import {
  type DeviceInfo,
  type DeviceMapper,
  formatLine,
  type TargetInput,
} from '../../../src/index.ts';
import { blockDeviceSize } from '../../../src/ioctl/index.ts';
import {
  full,
  numberOf,
  readFirstSector,
  readSectors,
  writeSectors,
} from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import {
  MiB,
  openDm,
  scratchDevice,
  scratchLoop,
  scratchPool,
  uniqueName,
} from '../../support/kernel/scratch.ts';

const SECTOR = 512;
/** Sectors of a pool's block. */
const BLOCK = 128;

/** Create a device, and check the table that the kernel prints. */
async function createAs(
  t: ExecutionContext,
  dm: DeviceMapper,
  table: readonly TargetInput[],
  lines: readonly string[],
): Promise<DeviceInfo> {
  const device = await scratchDevice(t, dm, { table });
  const { info, targets } = await dm.table(device.name);
  t.deepEqual(targets.map(formatLine), lines);
  t.is(info.targetCount, table.length);
  t.is(await blockDeviceSize(device.path), sizeOf(table));
  return device;
}

const sizeOf = (table: readonly TargetInput[]): bigint =>
  table.reduce((sum, { length }) => sum + BigInt(length), 0n) * BigInt(SECTOR);

/** Parameters of every target, as the kernel prints them. */
const paramsOf = async (dm: DeviceMapper, { name }: DeviceInfo): Promise<readonly string[]> =>
  (await dm.table(name)).targets.map(({ params }) => params);

/** Status texts of every target. */
const statusOf = async (dm: DeviceMapper, { name }: DeviceInfo): Promise<readonly string[]> =>
  (await dm.status(name)).targets.map(({ params }) => params);

/** A thin device of ten blocks in a pool. */
async function scratchThin(
  t: ExecutionContext,
  dm: DeviceMapper,
  pool: DeviceInfo,
  id: number,
  options: { readonly externalOrigin?: string; readonly message?: string } = {},
): Promise<DeviceInfo> {
  const { externalOrigin, message = `create_thin ${id}` } = options;
  await dm.message(pool.name, message);
  return scratchDevice(
    t,
    dm,
    { table: [thin({ length: 10 * BLOCK, pool: pool.path, id, externalOrigin })] },
    uniqueName('thin'),
  );
}

test('linear: each target maps its own range of the device below', async (t) => {
  const dm = await openDm(t);
  const below = await scratchLoop(t);
  writeSectors(below, 128, full('a', 64));
  writeSectors(below, 8, full('b', 32));
  const device = await createAs(
    t,
    dm,
    [
      linear({ length: 64, device: below, offset: 128 }),
      linear({ length: 32n, device: below, offset: 8n }),
    ],
    [`0 64 linear ${numberOf(below)} 128`, `64 32 linear ${numberOf(below)} 8`],
  );
  const texts = await paramsOf(dm, device);
  t.deepEqual(texts.map(linear.parseParams), [
    { device: numberOf(below), offset: 128n },
    { device: numberOf(below), offset: 8n },
  ]);
  t.deepEqual(texts.map(linear.parseParams).map(linear.formatParams), texts);
  t.deepEqual(await statusOf(dm, device), ['', '']);

  t.deepEqual(readSectors(device.path, 0, 64), full('a', 64));
  t.deepEqual(readSectors(device.path, 64, 32), full('b', 32));
  writeSectors(device.path, 72, full('c', 8));
  t.deepEqual(
    readSectors(below, 8, 32),
    Buffer.concat([full('b', 8), full('c', 8), full('b', 16)]),
  );
  t.deepEqual(readSectors(below, 128, 64), full('a', 64));
});

test('linear: without an offset it begins at sector 0', async (t) => {
  const dm = await openDm(t);
  const below = await scratchLoop(t);
  await createAs(
    t,
    dm,
    [linear({ length: 8, device: numberOf(below) })],
    [`0 8 linear ${numberOf(below)} 0`],
  );
});

test('striped: chunks go to the devices in turn, each from its offset', async (t) => {
  const dm = await openDm(t);
  const [first, second] = [await scratchLoop(t), await scratchLoop(t)];
  const stripes = [{ device: first }, { device: second, offset: 16 }];
  const device = await createAs(
    t,
    dm,
    [striped({ length: 32, chunkSize: 8, stripes })],
    [`0 32 striped 2 8 ${numberOf(first)} 0 ${numberOf(second)} 16`],
  );
  const [text = ''] = await paramsOf(dm, device);
  t.deepEqual(striped.parseParams(text), {
    chunkSize: 8n,
    stripes: [
      { device: numberOf(first), offset: 0n },
      { device: numberOf(second), offset: 16n },
    ],
  });
  t.is(striped.formatParams(striped.parseParams(text)), text);
  const [status = ''] = await statusOf(dm, device);
  t.deepEqual(striped.parseStatus(status), {
    stripes: [
      { device: numberOf(first), healthy: true },
      { device: numberOf(second), healthy: true },
    ],
    extra: [],
  });

  for (const [i, letter] of ['a', 'b', 'c', 'd'].entries()) {
    writeSectors(device.path, i * 8, full(letter, 8));
  }
  t.deepEqual(readSectors(first, 0, 16), Buffer.concat([full('a', 8), full('c', 8)]));
  t.deepEqual(readSectors(second, 16, 16), Buffer.concat([full('b', 8), full('d', 8)]));
  t.deepEqual(readSectors(second, 0, 16), full('\0', 16));
  t.deepEqual(
    readSectors(device.path, 0, 32),
    Buffer.concat(['a', 'b', 'c', 'd'].map((letter) => full(letter, 8))),
  );
});

test('striped: the status reports a stripe that fails I/O', async (t) => {
  const dm = await openDm(t);
  const good = await scratchLoop(t);
  const bad = await scratchDevice(t, dm, { table: [error({ length: 16 })] }, uniqueName('bad'));
  const stripes = [{ device: good }, { device: bad.path }];
  const device = await scratchDevice(t, dm, {
    table: [striped({ length: 32, chunkSize: 8, stripes })],
  });
  t.throws(() => writeSectors(device.path, 8, full('x', 8)), { code: 'EIO' });
  const [status = ''] = await statusOf(dm, device);
  t.deepEqual(
    striped.parseStatus(status).stripes.map(({ healthy }) => healthy),
    [true, false],
  );
});

test('zero: reads return zeros and writes are discarded', async (t) => {
  const dm = await openDm(t);
  const device = await createAs(t, dm, [zero({ length: 32 })], ['0 32 zero ']);
  t.deepEqual((await paramsOf(dm, device)).map(zero.parseParams), [{}]);
  t.deepEqual((await statusOf(dm, device)).map(zero.parseStatus), [undefined]);
  writeSectors(device.path, 0, full('x', 32));
  t.deepEqual(readSectors(device.path, 0, 32), full('\0', 32));
});

test('error: reads and writes fail with EIO', async (t) => {
  const dm = await openDm(t);
  const device = await createAs(t, dm, [error({ length: 32 })], ['0 32 error ']);
  t.deepEqual((await paramsOf(dm, device)).map(error.parseParams), [{}]);
  t.deepEqual((await statusOf(dm, device)).map(error.parseStatus), [undefined]);
  t.throws(() => readFirstSector(device.path), { code: 'EIO' });
  t.throws(() => writeSectors(device.path, 0, full('x', 8)), { code: 'EIO' });
});

test('targets of different types in one device', async (t) => {
  const dm = await openDm(t);
  const below = await scratchLoop(t);
  const device = await createAs(
    t,
    dm,
    [zero({ length: 8 }), linear({ length: 8, device: below }), error({ length: 8 })],
    ['0 8 zero ', `8 8 linear ${numberOf(below)} 0`, '16 8 error '],
  );
  writeSectors(device.path, 8, full('m', 8));
  t.deepEqual(readSectors(below, 0, 8), full('m', 8));
  t.deepEqual(readSectors(device.path, 0, 8), full('\0', 8));
  t.throws(() => writeSectors(device.path, 16, full('x', 8)), { code: 'EIO' });
});

const ALL_DEFAULT = {
  mode: 'rw',
  discard: 'discard_passdown',
  noSpace: 'queue_if_no_space',
} as const;

/** Features as given, as the kernel prints them, and as the parsed status. */
const POOLS: readonly {
  readonly features: readonly ThinPoolFeature[];
  readonly printed: readonly ThinPoolFeature[];
  readonly status: object;
}[] = [
  { features: [], printed: [], status: ALL_DEFAULT },
  { features: ['skip_block_zeroing'], printed: ['skip_block_zeroing'], status: ALL_DEFAULT },
  {
    features: ['ignore_discard'],
    printed: ['ignore_discard'],
    status: { ...ALL_DEFAULT, discard: 'ignore_discard' },
  },
  {
    features: ['no_discard_passdown'],
    printed: ['no_discard_passdown'],
    status: { ...ALL_DEFAULT, discard: 'no_discard_passdown' },
  },
  {
    features: ['error_if_no_space'],
    printed: ['error_if_no_space'],
    status: { ...ALL_DEFAULT, noSpace: 'error_if_no_space' },
  },
  {
    features: ['error_if_no_space', 'no_discard_passdown', 'skip_block_zeroing'],
    printed: ['skip_block_zeroing', 'no_discard_passdown', 'error_if_no_space'],
    status: { ...ALL_DEFAULT, discard: 'no_discard_passdown', noSpace: 'error_if_no_space' },
  },
];

for (const { features, printed, status } of POOLS) {
  test(`thin-pool: the kernel returns the features [${features.join(', ')}]`, async (t) => {
    const dm = await openDm(t);
    const metadataDevice = await scratchLoop(t, 4 * MiB);
    const dataDevice = await scratchLoop(t, 16 * MiB);
    const given = { metadataDevice, dataDevice, blockSize: 256, lowWaterMark: 3, features };
    const length = (16 * MiB) / SECTOR;
    const words = [numberOf(metadataDevice), numberOf(dataDevice), 256, 3, printed.length];
    const device = await createAs(
      t,
      dm,
      [thinPool({ length, ...given })],
      [`0 ${length} thin-pool ${[...words, ...printed].join(' ')} `],
    );
    const [text = ''] = await paramsOf(dm, device);
    const read = thinPool.parseParams(text);
    t.deepEqual(read, {
      metadataDevice: numberOf(metadataDevice),
      dataDevice: numberOf(dataDevice),
      blockSize: 256n,
      lowWaterMark: 3n,
      features: printed,
    });
    t.is(`${thinPool.formatParams(read)} `, text);

    const [line = ''] = await statusOf(dm, device);
    const parsed = thinPool.parseStatus(line);
    if (parsed.state !== 'working') return t.fail(line);
    const { used } = parsed.metadata;
    t.true(used > 0n && used < 256n, `metadata blocks in use: ${used}`);
    t.deepEqual(parsed, {
      state: 'working',
      transactionId: 0n,
      metadata: { used, total: 1024n },
      data: { used: 0n, total: 128n },
      heldRoot: undefined,
      needsCheck: false,
      metadataLowWaterMark: 256n,
      extra: [],
      ...(status as typeof ALL_DEFAULT),
    });
  });
}

test('thin-pool: the status has the transaction id, the held root and the used blocks', async (t) => {
  const dm = await openDm(t);
  const pool = await scratchPool(t, dm);
  const device = await scratchThin(t, dm, pool, 0);
  writeSectors(device.path, 0, full('x', 8));
  await dm.message(pool.name, `set_transaction_id 0 ${2n ** 64n - 1n}`);
  await dm.message(pool.name, 'reserve_metadata_snap');
  const [held = ''] = await statusOf(dm, pool);
  const status = thinPool.parseStatus(held);
  if (status.state !== 'working') return t.fail(held);
  t.is(status.transactionId, 2n ** 64n - 1n);
  t.deepEqual(status.data, { used: 1n, total: 1024n });
  t.is(typeof status.heldRoot, 'bigint');
  t.true(status.heldRoot! > 0n && status.heldRoot! < status.metadata.total);

  await dm.message(pool.name, 'release_metadata_snap');
  const [released = ''] = await statusOf(dm, pool);
  t.like(thinPool.parseStatus(released), { state: 'working', heldRoot: undefined });
});

test('thin: a block is mapped by its first write; unmapped blocks read as zeros', async (t) => {
  const dm = await openDm(t);
  const pool = await scratchPool(t, dm);
  const device = await scratchThin(t, dm, pool, 7);
  const texts = await paramsOf(dm, device);
  const number = `${pool.major}:${pool.minor}`;
  t.deepEqual(texts, [`${number} 7`]);
  t.deepEqual(texts.map(thin.parseParams), [{ pool: number, id: 7 }]);
  t.deepEqual(texts.map(thin.parseParams).map(thin.formatParams), texts);
  t.deepEqual((await statusOf(dm, device)).map(thin.parseStatus), [
    { state: 'working', mapped: 0n, highestMapped: undefined, extra: [] },
  ]);
  t.deepEqual(readSectors(device.path, 0, 10 * BLOCK), full('\0', 10 * BLOCK));

  writeSectors(device.path, 3 * BLOCK, full('x', 8));
  t.deepEqual((await statusOf(dm, device)).map(thin.parseStatus), [
    { state: 'working', mapped: BigInt(BLOCK), highestMapped: BigInt(4 * BLOCK - 1), extra: [] },
  ]);
  t.deepEqual(readSectors(device.path, 3 * BLOCK, 8), full('x', 8));
});

/** Content of the rest of a new block, on a data device that is filled with `d`. */
const ZEROING: readonly (readonly [
  name: string,
  features: readonly ThinPoolFeature[],
  rest: string,
])[] = [
  ['the rest of a new block is zeroed', [], '\0'],
  ['skip_block_zeroing keeps the old content of the block', ['skip_block_zeroing'], 'd'],
];

for (const [name, features, rest] of ZEROING) {
  test(`thin: ${name}`, async (t) => {
    const dm = await openDm(t);
    const metadataDevice = await scratchLoop(t, 4 * MiB);
    const dataDevice = await scratchLoop(t, 4 * MiB);
    writeSectors(dataDevice, 0, full('d', (4 * MiB) / SECTOR));
    const pool = await scratchDevice(t, dm, {
      table: [thinPool({ length: (4 * MiB) / SECTOR, metadataDevice, dataDevice, features })],
    });
    const device = await scratchThin(t, dm, pool, 0);
    writeSectors(device.path, 8, full('x', 8));
    t.deepEqual(
      readSectors(device.path, 0, BLOCK),
      Buffer.concat([full(rest, 8), full('x', 8), full(rest, BLOCK - 16)]),
    );
  });
}

test('thin: a snapshot keeps the data of its origin, and neither sees the other’s writes', async (t) => {
  const dm = await openDm(t);
  const pool = await scratchPool(t, dm);
  const origin = await scratchThin(t, dm, pool, 1);
  writeSectors(origin.path, 0, full('o', BLOCK));
  await dm.suspend(origin.name);
  await dm.message(pool.name, 'create_snap 2 1');
  await dm.resume(origin.name);
  const snapshot = await scratchThin(t, dm, pool, 2, { message: 'set_transaction_id 0 1' });

  t.deepEqual(readSectors(snapshot.path, 0, BLOCK), full('o', BLOCK));
  writeSectors(origin.path, 0, full('n', 8));
  writeSectors(snapshot.path, 8, full('s', 8));
  t.deepEqual(
    readSectors(origin.path, 0, BLOCK),
    Buffer.concat([full('n', 8), full('o', BLOCK - 8)]),
  );
  t.deepEqual(
    readSectors(snapshot.path, 0, BLOCK),
    Buffer.concat([full('o', 8), full('s', 8), full('o', BLOCK - 16)]),
  );
});

test('thin: unwritten blocks are read from an external origin, which never changes', async (t) => {
  const dm = await openDm(t);
  const pool = await scratchPool(t, dm);
  const origin = await scratchLoop(t, MiB);
  writeSectors(origin, 0, full('e', MiB / SECTOR));
  const device = await scratchThin(t, dm, pool, 0, { externalOrigin: origin });
  const [text = ''] = await paramsOf(dm, device);
  t.deepEqual(thin.parseParams(text), {
    pool: `${pool.major}:${pool.minor}`,
    id: 0,
    externalOrigin: numberOf(origin),
  });
  writeSectors(device.path, 0, full('x', 8));
  t.deepEqual(
    readSectors(device.path, 0, 2 * BLOCK),
    Buffer.concat([full('x', 8), full('e', 2 * BLOCK - 8)]),
  );
  t.deepEqual(readSectors(origin, 0, BLOCK), full('e', BLOCK));
});

/** Tables that can be read-only, on a loop device and a pool with thin device 0. */
const READ_ONLY: readonly {
  readonly type: string;
  readonly target: (below: string, pool: DeviceInfo) => TargetInput;
}[] = [
  { type: 'linear', target: (below) => linear({ length: 32, device: below }) },
  {
    type: 'striped',
    target: (below) => striped({ length: 32, chunkSize: 8, stripes: [{ device: below }] }),
  },
  { type: 'zero', target: () => zero({ length: 32 }) },
  { type: 'error', target: () => error({ length: 32 }) },
  { type: 'thin', target: (_, pool) => thin({ length: 32, pool: pool.path, id: 0 }) },
];

for (const { type, target } of READ_ONLY) {
  test(`${type}: a read-only table rejects writes`, async (t) => {
    const dm = await openDm(t);
    const below = await scratchLoop(t);
    const pool = await scratchPool(t, dm);
    await dm.message(pool.name, 'create_thin 0');
    const device = await scratchDevice(t, dm, { table: [target(below, pool)], readOnly: true });
    t.true(device.readOnly);
    t.true((await dm.info(device.name)).readOnly);
    t.is(readFileSync(`/sys/block/dm-${device.minor}/ro`, 'utf8'), '1\n');
    t.throws(() => writeSectors(device.path, 0, full('x', 8)), { code: 'EPERM' });
    t.deepEqual(readSectors(below, 0, 8), full('\0', 8));

    await dm.reload(device.name, [target(below, pool)]);
    t.false((await dm.info(device.name)).readOnly, 'the next table sets the access mode again');
  });
}

test('nothing is left', assertNothingLeft);
