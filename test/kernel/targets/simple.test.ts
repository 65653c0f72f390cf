// The targets that need only plain disks on a real kernel: load, read back, messages, removal.

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  type ByteCorruption,
  type DelayedPath,
  delay,
  dust,
  flakey,
  linear,
  logWrites,
  mapRegions,
  parseDustClear,
  parseDustCount,
  parseDustList,
  parseDustQuery,
  striped,
  switchTarget,
  unstriped,
} from '../../../src/dm/targets/index.ts';
import type { DeviceInfo } from '../../../src/index.ts';
import {
  full,
  numberOf,
  readFirstSector,
  readSectors,
  writeSectors,
} from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { until } from '../../support/kernel/loaded.ts';
import { disks, roundTrip } from '../../support/kernel/round-trip.ts';
import {
  openDm,
  scratchDevice,
  scratchDirectory,
  uniqueName,
} from '../../support/kernel/scratch.ts';
import { runningSuite, ships } from '../../support/kernel/target-support.ts';

const SECTOR = 512;
/** Bytes of a block of the dust target in these tests: a page, so that a write needs no read. */
const BLOCK = 4096;
for (const paths of [['read'], ['read', 'write'], ['read', 'write', 'flush']] as const) {
  test(`delay: separate delays for ${paths.join(', ')}`, async (t) => {
    const dm = await openDm(t);
    const devices = await disks(t, paths.length);
    const legs = Object.fromEntries(
      paths.map((path, i) => [
        path,
        { device: devices[i]!, offset: BigInt(8 * i), delayMs: 5 * i },
      ]),
    ) as { readonly read: DelayedPath; readonly write?: DelayedPath; readonly flush?: DelayedPath };
    const { status } = await roundTrip(t, dm, delay, { length: 1024n, ...legs });
    t.deepEqual(await status(), { reads: 0, writes: 0, flushes: 0, extra: [] });
  });
}

test('delay: delayed requests are counted', async (t) => {
  const dm = await openDm(t);
  const [device = ''] = await disks(t, 1);
  const read = { device, offset: 0n, delayMs: 1000 };
  const { info, status } = await roundTrip(t, dm, delay, { length: 1024n, read });
  const start = performance.now();
  const reading = dm.status(info.name).then(() => readFirstSector(info.path));
  t.is((await reading).length, SECTOR);
  t.true(performance.now() - start >= 900);
  t.is((await status()).reads, 0);
});

if (ships('dust')) {
  test('dust: reads of bad blocks fail until the blocks are written', async (t) => {
    const dm = await openDm(t);
    const [device = ''] = await disks(t, 1);
    const table = { length: 1024n, device, offset: 0n, blockSize: BLOCK };
    const { info, status } = await roundTrip(t, dm, dust, table);
    const send = async (message: string): Promise<string> =>
      (await dm.message(info.name, message)) ?? '';
    const read = (block: number): Buffer => readSectors(info.path, block * 8, 8);
    const write = (block: number): void =>
      writeSectors(info.path, block * 8, Buffer.alloc(BLOCK, 1));
    const { messages } = dust;
    t.like(await status(), { failing: false, quiet: false, extra: [] });
    await send(messages.addBadBlock(0));
    await send(messages.addBadBlock(7, 1));
    await t.throwsAsync(send(messages.addBadBlock(7)), { code: 'EINVAL' });
    t.is(parseDustCount(await send(messages.countBadBlocks())), 2n);
    t.deepEqual(parseDustList(await send(messages.listBadBlocks())), [0n, 7n]);
    t.true(parseDustQuery(await send(messages.queryBlock(7))));
    t.is(read(0).length, BLOCK, 'all blocks can be read before "enable"');
    await send(messages.enable());
    t.true((await status()).failing);
    t.throws(() => read(0), { message: /Input\/output error/ });
    write(0);
    t.is(read(0)[0], 1, 'a write repairs the block');
    t.throws(() => write(7), { code: 'EIO' });
    t.false(parseDustQuery(await send(messages.queryBlock(0))));
    await send(messages.removeBadBlock(7));
    t.false(parseDustClear(await send(messages.clearBadBlocks())));
    await send(messages.addBadBlock(1));
    t.true(parseDustClear(await send(messages.clearBadBlocks())));
    t.deepEqual(parseDustList(await send(messages.listBadBlocks())), []);
    await send(messages.toggleQuiet());
    await send(messages.disable());
    t.like(await status(), { failing: false, quiet: true });
  });
}

const READS: ByteCorruption = { nth: 32, direction: 'r', value: 1, flags: 0 };
const WRITES: ByteCorruption = { nth: 224, direction: 'w', value: 0, flags: 32 };
/** Linux 6.5 added `error_reads` and the random corruptions, and prints the default features. */
const newer = runningSuite !== 'bookworm';
const allFails = newer ? { errorReads: true, errorWrites: true } : {};

/** Features as given, and as the kernel prints them where that differs. */
const FLAKEY: readonly (readonly [features: object, expected?: object])[] = [
  [{}, allFails],
  [{ dropWrites: true }],
  [{ errorWrites: true }],
  [{ corruptByte: READS }],
  [{ corruptByte: WRITES }],
  [{ dropWrites: true, corruptByte: READS }],
  ...(newer
    ? ([
        [{ errorReads: true }],
        [{ errorReads: true, errorWrites: true }],
        [{ errorReads: true, corruptByte: WRITES }],
        [{ randomReadCorrupt: 500_000_000, randomWriteCorrupt: 1 }],
        [{ dropWrites: true, corruptByte: READS, randomReadCorrupt: 1_000_000_000 }],
      ] as const)
    : []),
];
for (const [features, expected = {}] of FLAKEY) {
  test(`flakey: ${JSON.stringify(features)}`, async (t) => {
    const dm = await openDm(t);
    const [device = ''] = await disks(t, 1);
    const given = { length: 1024n, device, offset: 8n, upSeconds: 60, downSeconds: 5, ...features };
    const { status } = await roundTrip(t, dm, flakey, given, expected);
    t.is(await status(), undefined);
  });
}

test('flakey: the target is down at the end of its up interval', async (t) => {
  const dm = await openDm(t);
  const [device = ''] = await disks(t, 1);
  const given = { length: 1024n, device, offset: 0n, upSeconds: 0, downSeconds: 60 };
  const { info } = await roundTrip(t, dm, flakey, given, allFails);
  t.throws(() => readFirstSector(info.path), { code: 'EIO' });
});

test('unstriped: a column of a striped device', async (t) => {
  const dm = await openDm(t);
  const [first = '', second = ''] = await disks(t, 2);
  const stripes = [{ device: first }, { device: second }];
  const whole = await scratchDevice(
    t,
    dm,
    { table: [striped({ length: 256, chunkSize: 64, stripes })] },
    uniqueName('striped'),
  );
  writeSectors(second, 0, full('b', 128));
  const column = { stripes: 2, chunkSize: 64n, stripe: 1, device: whole.path, offset: 0n };
  const { info, status } = await roundTrip(t, dm, unstriped, { length: 128n, ...column });
  t.deepEqual(readSectors(info.path, 0, 128), full('b', 128));
  t.is(await status(), undefined);
});

/** Sectors of a region of the switch below. */
const REGION = 8;

/** The disk, `a`, `b` or `c`, that each region of a switch shows. */
const shown = ({ path }: DeviceInfo, regions: number): string =>
  Array.from({ length: regions }, (_, i) =>
    readSectors(path, i * REGION, REGION).toString('latin1', 0, 1),
  ).join('');

test('switch: the message assigns regions to disks', async (t) => {
  const dm = await openDm(t);
  const devices = await disks(t, 3);
  for (const [i, device] of devices.entries()) writeSectors(device, 0, full('abc'[i]!, 512));
  const paths = devices.map((device) => ({ device, offset: 0n }));
  const given = { length: 32n * 8n, regionSize: BigInt(REGION), paths };
  const { info, status } = await roundTrip(t, dm, switchTarget, given);
  t.is(await status(), undefined);
  t.is(shown(info, 8), 'abcabcab');
  const { setRegionMappings } = switchTarget.messages;
  await dm.message(
    info.name,
    setRegionMappings([{ region: 0, path: 2 }, { path: 2 }, { path: 0 }]),
  );
  t.is(shown(info, 4), 'ccaa');
  const list = [...Array(10).fill(1), 0, 1, 2, 0, 1, 2, 0, 1, 2, ...Array(9).fill(2)] as number[];
  const message = setRegionMappings(mapRegions(3, list));
  t.is(message, 'set_region_mappings 3:1 R1,9 :0 :1 :2 R3,6 R1,9');
  await dm.message(info.name, message);
  t.is(shown(info, 32), `cca${list.map((path) => 'abc'[path]).join('')}b`);
  await t.throwsAsync(dm.message(info.name, setRegionMappings([{ region: 32, path: 0 }])), {
    code: 'EINVAL',
  });
  await t.throwsAsync(dm.message(info.name, setRegionMappings([{ region: 0, path: 3 }])), {
    code: 'EINVAL',
  });
});

test('log-writes: writes and marks are counted', async (t) => {
  const dm = await openDm(t);
  const [device = '', logDevice = ''] = await disks(t, 2);
  const { info, status } = await roundTrip(t, dm, logWrites, { length: 1024n, device, logDevice });
  t.deepEqual(await status(), { entries: 0n, lastSector: 0n, logging: true, extra: [] });
  for (const text of ['hello', 'two words \\ and\ta tab']) {
    await dm.message(info.name, logWrites.messages.mark(text));
  }
  writeSectors(info.path, 8, full('x', 8));
  // A kernel thread writes the log.
  const isLogged = (log: Awaited<ReturnType<typeof status>>): boolean =>
    log.entries >= 3n && log.lastSector >= 10n;
  const logged = await until(status, isLogged);
  t.true(isLogged(logged) && logged.logging, `${logged.entries} ${logged.lastSector}`);
  await dm.remove(info.name, { retryMs: 10_000 });
  const log = readSectors(logDevice, 0, 64);
  for (const text of ['hello', 'two words \\ and\ta tab', 'dm-log-writes-end']) {
    t.true(log.includes(`${text}\0`), text);
  }
});

test('log-writes: a mark with the byte 0xa0, a blank to the kernel, is one word', async (t) => {
  const dm = await openDm(t);
  const [device = '', logDevice = ''] = await disks(t, 2);
  const { info } = await roundTrip(t, dm, logWrites, { length: 1024n, device, logDevice });
  for (const text of ['là-bas', 'à la carte', 'no\u00a0break']) {
    await dm.message(info.name, logWrites.messages.mark(text));
  }
  await dm.remove(info.name, { retryMs: 10_000 });
  const log = readSectors(logDevice, 0, 64);
  for (const text of ['là-bas', 'à la carte', 'no\u00a0break']) t.true(log.includes(`${text}\0`));
});

test('a path with the byte 0xa0 inside a character is one word to the kernel', async (t) => {
  const dm = await openDm(t);
  const [device = ''] = await disks(t, 1);
  for (const name of ['voilà', 'à\\à', 'no\u00a0break', 'Ġ', '😠']) {
    const path = join(scratchDirectory(t), name);
    symlinkSync(device, path);
    const { targets } = await dm.table(
      (await scratchDevice(t, dm, { table: [linear({ length: 8, device: path })] })).name,
    );
    t.is(targets[0]?.params, `${numberOf(device)} 0`, name);
  }
});

test('nothing is left', assertNothingLeft);
