// integrity and verity on a real kernel: the tables read back, and the corruption they detect.

import { createHash, randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import {
  type IntegrityParams,
  integrity,
  type VerityParams,
  verity,
} from '../../../src/dm/targets/index.ts';
import {
  type DeviceInfo,
  type DeviceMapper,
  formatLine,
  hideKeys,
  SecretKey,
} from '../../../src/index.ts';
import {
  full,
  readFirstSector,
  readSectors,
  writeSectors,
} from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { loadedParams, loadedStatus, until } from '../../support/kernel/loaded.ts';
import { disks, numbered } from '../../support/kernel/round-trip.ts';
import { openDm, scratchDevice, scratchLoop } from '../../support/kernel/scratch.ts';

/** Create an integrity target like integritysetup: tiny first, then as large as its status reports. */
async function scratchIntegrity(
  t: ExecutionContext,
  dm: DeviceMapper,
  params: IntegrityParams,
): Promise<DeviceInfo> {
  const info = await scratchDevice(t, dm, { table: [integrity({ length: 8, ...params })] });
  const { providedDataSectors } = await loadedStatus(dm, integrity, info.name);
  t.true(providedDataSectors > 8n, String(providedDataSectors));
  await dm.reload(info.name, [integrity({ length: providedDataSectors, ...params })]);
  return info;
}

const hmac = { algorithm: 'hmac(sha256)', key: SecretKey.fromBytes(randomBytes(32)) };
const crc32c = { algorithm: 'crc32c' };

/** Parameters of an integrity target, and those that the kernel adds. */
const INTEGRITY: readonly (readonly [
  Partial<IntegrityParams> & { mode: IntegrityParams['mode'] },
  Partial<IntegrityParams>,
])[] = [
  [{ mode: 'J', internalHash: crc32c }, { tagSize: 4 }],
  [
    { mode: 'J', internalHash: hmac, fixHmac: true, journalWatermark: 40, commitTime: 5000 },
    { tagSize: 32 },
  ],
  [
    {
      mode: 'J',
      internalHash: crc32c,
      blockSize: 4096,
      bufferSectors: 64,
      interleaveSectors: 16_384,
    },
    { tagSize: 4 },
  ],
  [
    {
      mode: 'J',
      internalHash: crc32c,
      journalMac: hmac,
      journalCrypt: { algorithm: 'ctr(aes)', key: SecretKey.fromBytes(randomBytes(32)) },
    },
    { tagSize: 4 },
  ],
  [
    { mode: 'B', internalHash: crc32c, allowDiscards: true, bitmapFlushInterval: 2000 },
    { tagSize: 4 },
  ],
  [{ mode: 'D', tagSize: 4, internalHash: crc32c, fixPadding: true }, {}],
];

for (const [options, added] of INTEGRITY) {
  const words = Object.entries(options).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  test(`integrity: ${words.join(', ')}`, async (t) => {
    const dm = await openDm(t);
    const [device = ''] = await disks(t, 1);
    const info = await scratchIntegrity(t, dm, { device, ...options });
    const read = await loadedParams(t, dm, integrity, info.name);
    t.like(read, {
      ...(numbered({ device, reservedSectors: 0n, ...options }) as object),
      ...added,
    });
    for (const field of ['internalHash', 'journalMac', 'journalCrypt'] as const) {
      t.is(read[field]?.key?.reveal(), options[field]?.key?.reveal());
    }
    const status = await loadedStatus(dm, integrity, info.name);
    t.like(status, { mismatches: 0n, recalcSector: undefined, extra: [] });
    const [line] = (await dm.table(info.name)).targets;
    t.false(formatLine(hideKeys(line!)).includes(hmac.key.reveal()));
    writeSectors(info.path, 0, full('i', 8));
    t.deepEqual(readSectors(info.path, 0, 8), full('i', 8));
  });
}

test('integrity: on two devices, with tags computed in the background', async (t) => {
  const dm = await openDm(t);
  const [device = '', metaDevice = ''] = await disks(t, 2);
  const params: IntegrityParams = {
    device,
    metaDevice,
    mode: 'J',
    internalHash: crc32c,
    recalculate: true,
  };
  const info = await scratchIntegrity(t, dm, params);
  const status = (): Promise<ReturnType<typeof integrity.parseStatus>> =>
    loadedStatus(dm, integrity, info.name);
  const done = await until(
    status,
    (s) => s.recalcSector === undefined || s.recalcSector >= s.providedDataSectors,
  );
  t.is(done.mismatches, 0n);
  t.like(await loadedParams(t, dm, integrity, info.name), {
    metaDevice: numbered(metaDevice) as string,
  });
});

/** Find the offset of some bytes on an 8 MiB disk. */
function sectorOf(disk: string, bytes: Buffer): number {
  for (let sector = 0; sector < 16_384; sector += 1024) {
    const at = readSectors(disk, sector, 1024).indexOf(bytes);
    if (at !== -1) return sector + at / 512;
  }
  throw new Error('bytes not found on the disk');
}

test('integrity: detects a sector that was changed below it', async (t) => {
  const dm = await openDm(t);
  const [device = ''] = await disks(t, 1);
  const params: IntegrityParams = { device, mode: 'D', internalHash: crc32c };
  const info = await scratchIntegrity(t, dm, params);
  writeSectors(info.path, 0, full('i', 8));
  writeSectors(device, sectorOf(device, full('i', 8)), full('j', 8));
  t.throws(() => readFirstSector(info.path));
  t.true((await loadedStatus(dm, integrity, info.name)).mismatches > 0n);
});

const BLOCK = 4096;
const BLOCKS = 16;

/** Data of 16 blocks, and its tree of one block: the hashes of all data blocks. */
async function hashed(t: ExecutionContext): Promise<VerityParams & { readonly data: Buffer }> {
  const salt = randomBytes(16);
  const hash = (block: Buffer): Buffer => createHash('sha256').update(salt).update(block).digest();
  const data = randomBytes(BLOCKS * BLOCK);
  const blocks = Array.from({ length: BLOCKS }, (_, i) =>
    data.subarray(i * BLOCK, (i + 1) * BLOCK),
  );
  const tree = Buffer.concat([...blocks.map(hash), Buffer.alloc(BLOCK - BLOCKS * 32)]);
  const [dataDevice, hashDevice] = [await scratchLoop(t), await scratchLoop(t)];
  writeSectors(dataDevice, 0, data);
  writeSectors(hashDevice, 0, tree);
  return {
    data,
    version: 1,
    dataDevice,
    hashDevice,
    dataBlockSize: BLOCK,
    hashBlockSize: BLOCK,
    dataBlocks: BigInt(BLOCKS),
    hashStart: 0n,
    algorithm: 'sha256',
    rootHash: hash(tree).toString('hex'),
    salt: salt.toString('hex'),
  };
}

const length = (BLOCKS * BLOCK) / 512;
const VERITY: readonly Partial<VerityParams>[] = [
  {},
  { onCorruption: 'restart', ignoreZeroBlocks: true },
  { onCorruption: 'ignore', ignoreZeroBlocks: true, checkAtMostOnce: true },
  { onCorruption: 'panic', tryVerifyInTasklet: true },
];

for (const options of VERITY) {
  const words = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  test(`verity: ${words.join(', ') || 'no options'}`, async (t) => {
    const dm = await openDm(t);
    const { data, ...params } = await hashed(t);
    const table = [verity({ length, ...params, ...options })];
    const info = await scratchDevice(t, dm, { table, readOnly: true });
    t.deepEqual(
      await loadedParams(t, dm, verity, info.name),
      numbered({ ...params, ...options }) as VerityParams,
    );
    t.deepEqual(readSectors(info.path, 0, length), data);
    t.deepEqual(await loadedStatus(dm, verity, info.name), {
      valid: true,
      corrected: undefined,
      extra: [],
    });
  });
}

test('verity: a changed block cannot be read, and the status reports it', async (t) => {
  const dm = await openDm(t);
  const { data: _, ...params } = await hashed(t);
  const info = await scratchDevice(t, dm, {
    table: [verity({ length, ...params })],
    readOnly: true,
  });
  writeSectors(params.dataDevice, 0, full('x', 8));
  t.throws(() => readFirstSector(info.path), { code: 'EIO' });
  t.is((await loadedStatus(dm, verity, info.name)).valid, false);
});

test('verity: requires a read-only table', async (t) => {
  const dm = await openDm(t);
  const { data: _, ...params } = await hashed(t);
  const error = await t.throwsAsync(
    scratchDevice(t, dm, { table: [verity({ length, ...params })] }),
    { code: 'EINVAL' },
  );
  t.regex(error?.message ?? '', /readonly/i);
});

test('nothing is left', assertNothingLeft);
