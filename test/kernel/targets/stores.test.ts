// The targets that keep a store or metadata on a real kernel: load, read back, messages, removal.

import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import {
  clone,
  era,
  linear,
  type SnapshotParams,
  snapshot,
  snapshotMerge,
  snapshotOrigin,
  writecache,
  zoned,
} from '../../../src/dm/targets/index.ts';
import { blockDeviceSize } from '../../../src/ioctl/index.ts';
import { full, numberOf, readSectors, writeSectors } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { disks, roundTrip } from '../../support/kernel/round-trip.ts';
import { MiB, openDm, scratchLoop } from '../../support/kernel/scratch.ts';
import { ships } from '../../support/kernel/target-support.ts';
import { zonedDisk } from '../../support/kernel/zoned-disk.ts';

const SECTOR = 512;
/** Sectors of a scratch disk. */
const DISK = (8 * MiB) / SECTOR;

for (const [store, chunkSize, allocated] of [
  ['P', 8n, 16n],
  ['PO', 16n, 32n],
  ['N', 16n, 0n],
] as const) {
  test(`snapshot: store ${store}, and its status when full`, async (t) => {
    const dm = await openDm(t);
    const [origin = '', cow = ''] = [await scratchLoop(t), await scratchLoop(t, MiB)];
    writeSectors(origin, 0, full('o', 8));
    const given = { length: BigInt(DISK), origin, cow, store, chunkSize };
    const { info, status } = await roundTrip(t, dm, snapshot, given);
    const metadata = allocated;
    const total = BigInt(MiB / SECTOR);
    t.deepEqual(await status(), { state: 'working', allocated, total, metadata, extra: [] });
    writeSectors(info.path, 0, full('s', 8));
    t.deepEqual(readSectors(origin, 0, 8), full('o', 8));
    t.like(await status(), { state: 'working', allocated: allocated + chunkSize, metadata });
    t.throws(() => writeSectors(info.path, 0, full('s', 4096)), { code: 'EIO' });
    t.deepEqual(await status(), { state: store === 'PO' ? 'overflow' : 'invalid' });
  });
}

test('snapshot: without a chunk size, the size from the store applies', async (t) => {
  const dm = await openDm(t);
  const [origin = '', cow = ''] = await disks(t, 2);
  const given = { length: BigInt(DISK), origin, cow, store: 'P' } as const;
  const { text } = await roundTrip(t, dm, snapshot, given, { chunkSize: 32n });
  t.is(text, `${numberOf(origin)} ${numberOf(cow)} P 32`);
});

test('snapshot-origin and snapshot-merge: a merge writes the data of the snapshot back to the origin', async (t) => {
  const dm = await openDm(t);
  const [device = '', cow = ''] = await disks(t, 2);
  const length = BigInt(DISK);
  writeSectors(device, 0, full('o', 8));
  const origin = await roundTrip(t, dm, snapshotOrigin, { length, device });
  t.is(await origin.status(), undefined);
  const params = { origin: device, cow, store: 'P', chunkSize: 8n } as const;
  const snap = await roundTrip(t, dm, snapshot, { length, ...params });
  writeSectors(snap.info.path, 0, full('s', 8));
  await dm.remove(snap.info.name, { retryMs: 10_000 });

  await dm.reload(origin.info.name, [snapshotMerge({ length, ...params })]);
  const { targets } = await dm.table(origin.info.name);
  const text = targets[0]!.params;
  t.is(snapshotMerge.formatParams(snapshotMerge.parseParams(text) as SnapshotParams), text);
  for (let tries = 0; ; tries += 1) {
    const line = (await dm.status(origin.info.name)).targets[0]!;
    const status = snapshotMerge.parseStatus(line.params);
    if (status.state !== 'working' || tries > 100) return t.fail(line.params);
    if (status.allocated === status.metadata) break;
    await sleep(100);
  }
  await dm.reload(origin.info.name, [linear({ length, device })]);
  t.deepEqual(readSectors(device, 0, 8), full('s', 8));
});

/** Options of a writecache, and those that the kernel prints. */
const WRITECACHE: readonly (readonly [options: object, expected?: object])[] = [
  [{}],
  [{ highWatermark: 60, lowWatermark: 40, metadataOnly: true }],
  [{ startSector: 8n, writebackJobs: 4, autocommitBlocks: 100, autocommitTimeMs: 2000 }],
  [{ maxAgeMs: 10_000, pauseWritebackMs: 500 }],
  [{ cleaner: true }],
];
for (const [options, expected = {}] of WRITECACHE) {
  test(`writecache: ${JSON.stringify(Object.keys(options))}`, async (t) => {
    const dm = await openDm(t);
    const [device = '', cacheDevice = ''] = await disks(t, 2);
    const fixed = { cacheType: 's', device, cacheDevice, blockSize: 4096 } as const;
    const given = { length: BigInt(DISK), ...fixed, ...options };
    const { status } = await roundTrip(t, dm, writecache, given, expected);
    const { error, blocks, freeBlocks, counters } = await status();
    t.is(error, 0);
    t.true(blocks > 1900n && freeBlocks === blocks, `${freeBlocks} of ${blocks}`);
    t.is(counters?.discards, 0n);
  });
}

test('writecache: messages', async (t) => {
  const dm = await openDm(t);
  const [device = '', cacheDevice = ''] = await disks(t, 2);
  const fixed = { cacheType: 's', device, cacheDevice, blockSize: 4096 } as const;
  const { info, status, params } = await roundTrip(t, dm, writecache, {
    length: BigInt(DISK),
    ...fixed,
  });
  writeSectors(info.path, 0, full('w', 64));
  const { freeBlocks, blocks, counters } = await status();
  t.is(blocks - freeBlocks, 8n);
  t.true((counters?.writes ?? 0n) >= 8n);
  t.deepEqual(readSectors(device, 0, 8), full('\0', 8));
  await dm.message(info.name, writecache.messages.flush());
  t.deepEqual(readSectors(device, 0, 64), full('w', 64));
  await dm.message(info.name, writecache.messages.clearStats());
  t.is((await status()).counters?.writes, 0n);
  await dm.message(info.name, writecache.messages.flushOnSuspend());
  await dm.message(info.name, writecache.messages.cleaner());
  t.like(writecache.parseParams(await params()), { cacheDevice: numberOf(cacheDevice) });
});

test('era: eras and a metadata snapshot', async (t) => {
  const dm = await openDm(t);
  const [metadataDevice = '', device = ''] = await disks(t, 2);
  const given = { length: BigInt(DISK), metadataDevice, device, blockSize: 128n };
  const { info, status } = await roundTrip(t, dm, era, given);
  const before = await status();
  if (before.state !== 'working') return t.fail(before.state);
  t.like(before, { metadataBlockSize: 8, era: 1, heldRoot: undefined, extra: [] });
  t.is(before.metadata.total, BigInt(DISK / 8));
  writeSectors(info.path, 0, full('e', 8));
  await dm.message(info.name, era.messages.checkpoint());
  await dm.message(info.name, era.messages.takeMetadataSnap());
  const held = await status();
  if (held.state !== 'working') return t.fail(held.state);
  t.true(held.era > 1 && (held.heldRoot ?? 0n) > 0n, JSON.stringify(held.era));
  await t.throwsAsync(dm.message(info.name, era.messages.takeMetadataSnap()), { code: 'EINVAL' });
  await dm.message(info.name, era.messages.dropMetadataSnap());
  t.like(await status(), { heldRoot: undefined });
});

if (ships('clone')) {
  test('clone: starts to copy at the message', async (t) => {
    const dm = await openDm(t);
    const [metadataDevice = '', destinationDevice = '', sourceDevice = ''] = await disks(t, 3);
    writeSectors(sourceDevice, 0, full('s', 64));
    const { messages } = clone;
    const { info, status } = await roundTrip(t, dm, clone, {
      length: BigInt(DISK),
      metadataDevice,
      destinationDevice,
      sourceDevice,
      regionSize: 8n,
      noHydration: true,
      core: { hydrationThreshold: 4 },
    });
    const total = BigInt(DISK / 8);
    const before = await status();
    if (before.state !== 'working') return t.fail(before.state);
    t.like(before, { metadataBlockSize: 8, regionSize: 8n, mode: 'rw', hydrationThreshold: 4 });
    t.deepEqual(before.regions, { hydrated: 0n, total });
    t.true(before.features.includes('no_hydration'));
    await dm.message(info.name, messages.hydrationThreshold(64));
    await dm.message(info.name, messages.hydrationBatchSize(16));
    await dm.message(info.name, messages.enableHydration());
    for (let tries = 0; ; tries += 1) {
      const now = await status();
      if (now.state !== 'working' || tries > 200) return t.fail(now.state);
      if (now.regions.hydrated === total) break;
      await sleep(100);
    }
    t.like(await status(), { hydrationThreshold: 64, hydrationBatchSize: 16 });
    await dm.message(info.name, messages.disableHydration());
    t.deepEqual(readSectors(destinationDevice, 0, 64), full('s', 64));
  });

  test('clone: without options', async (t) => {
    const dm = await openDm(t);
    const [metadataDevice = '', destinationDevice = '', sourceDevice = ''] = await disks(t, 3);
    const devices = { metadataDevice, destinationDevice, sourceDevice };
    await roundTrip(t, dm, clone, { length: BigInt(DISK), ...devices, regionSize: 16n });
  });
}

if (ships('zoned')) {
  test('zoned: random writes to a zoned disk', async (t) => {
    const dm = await openDm(t);
    const { path, zones, conventional, chunks, zoneSectors } = zonedDisk(t);
    const length = BigInt(zones * zoneSectors);
    const { info, status } = await roundTrip(t, dm, zoned, { length, devices: [path] });
    t.is(await blockDeviceSize(info.path), BigInt(chunks * zoneSectors * SECTOR));
    const { cache, disks: found, ...rest } = await status();
    t.deepEqual(rest, { zones: BigInt(zones), extra: [] });
    t.deepEqual(cache, { unmapped: 0n, total: 0n });
    t.is(found.length, 1);
    t.true(found[0]!.random.total <= BigInt(conventional), String(found[0]!.random.total));
    t.true(found[0]!.sequential.total <= BigInt(zones - conventional));
    writeSectors(info.path, 4096, full('z', 64));
    t.deepEqual(readSectors(info.path, 4096, 64), full('z', 64));
    await dm.message(info.name, zoned.messages.reclaim());
  });
}

test('nothing is left', assertNothingLeft);
