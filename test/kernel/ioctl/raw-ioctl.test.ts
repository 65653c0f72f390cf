// Handwritten requests, byte for byte, to the running kernel: those that the library never sends, and the replies.

import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { linear, thin, thinPool, zero } from '../../../src/dm/targets/index.ts';
import { dmIoctl, dmNameList, dmNameListTail } from '../../../src/dm/wire/abi.ts';
import { openControlNode } from '../../../src/dm/wire/control-node.ts';
import type { Transport } from '../../../src/dm/wire/transport.ts';
import type { DeviceMapper } from '../../../src/index.ts';
import { errnoCode, errnoNumber } from '../../../src/ioctl/libc/errno.ts';
import { syscall } from '../../../src/ioctl/libc/libc.ts';
import { Dm, DmFlag } from '../../../src/testing/index.ts';
import { full, writeInBackground, writeSectors } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import {
  MiB,
  openDm,
  scratchDevice,
  scratchLoop,
  uniqueName,
} from '../../support/kernel/scratch.ts';
import { runningSuite } from '../../support/kernel/target-support.ts';
import { EMPTY, headerOf, raw, rawReply } from '../../support/testing/raw.ts';
import {
  CREATED,
  DEVICE,
  expectedOf,
  LINEAR,
  RAW_ROWS,
  UUID,
} from '../../support/testing/raw-rows.ts';

const SECTOR = 512;
const HEADER = 312;
const BLOCK = 128;
const EIGHT_BLOCKS = 8 * BLOCK;

const openNode = (t: ExecutionContext, threads = false) => {
  const node = openControlNode({ devDir: '/dev', threads });
  t.teardown(() => node.close());
  return node;
};

/** When the test ends, remove by hand a device whose name the library rejects. */
function removeByHand(t: ExecutionContext, node: Transport, name: string): void {
  t.teardown(async () => {
    const reply = await raw(node, Dm.DEV_REMOVE, { name });
    if (typeof reply === 'string' && reply !== 'ENXIO')
      throw new Error(`${name} remains: ${reply}`);
  });
}

for (const row of RAW_ROWS) {
  test(row.title, async (t) => {
    const dm = await openDm(t);
    const version = await dm.version();
    const node = openNode(t);
    await scratchDevice(t, dm, { uuid: UUID, table: [zero({ length: 8 })] }, DEVICE);
    const table = [linear({ length: 8, device: await scratchLoop(t) })];
    await scratchDevice(t, dm, { table }, LINEAR);
    removeByHand(t, node, 'dmts-raw-new');
    if (row.command === Dm.DEV_CREATE && CREATED.includes(row.header.name ?? '')) {
      removeByHand(t, node, row.header.name!);
    }
    const reply = await raw(node, row.command, row.header, row.payload);
    const expected = expectedOf(row, version[1]);
    if (typeof expected === 'string' || typeof reply === 'string') t.is(reply, expected as string);
    else t.like(reply, { ...expected, version });
  });
}

test('the interface version: this one and older ones are accepted; a rejection returns the version of the kernel', async (t) => {
  const dm = await openDm(t);
  const [major, minor, patch] = await dm.version();
  const node = openNode(t);
  for (const [version, errno] of [
    [[4, minor, 0], 0],
    [[4, minor + 1, 0], errnoNumber('EINVAL')],
    [[3, 0, 0], errnoNumber('EINVAL')],
    [[5, 0, 0], errnoNumber('EINVAL')],
  ] as const) {
    const reply = await rawReply(node, Dm.LIST_DEVICES, { version, dataSize: 16_384 });
    t.is(reply.errno, errno, String(version));
    t.deepEqual(headerOf(reply.buffer).version, [major, minor, patch]);
  }
});

/** The entries of a list, by the offsets of <linux/dm-ioctl.h>. */
function entriesOf(buffer: Buffer) {
  const entries = [];
  for (let at = HEADER; ; ) {
    const { dev, next } = dmNameList.decode(buffer, at);
    const end = buffer.indexOf(0, at + dmNameList.size);
    const tail = (end + 8) & ~7;
    const { eventNr, flags } = dmNameListTail.decode(buffer, tail);
    const uuidAt = tail + dmNameListTail.size;
    entries.push({
      dev,
      name: buffer.toString('latin1', at + dmNameList.size, end),
      eventNr,
      flags,
      uuid: flags === 1 ? buffer.toString('latin1', uuidAt, buffer.indexOf(0, uuidAt)) : undefined,
      isAligned: next % 8 === 0,
    });
    if (next === 0) return entries;
    at += next;
  }
}

test('the bytes of a list always have event numbers; flags and uuids on request', async (t) => {
  const dm = await openDm(t);
  const name = uniqueName();
  const withUuid = await scratchDevice(t, dm, { uuid: 'DMTS-LIST', table: [zero({ length: 8 })] });
  const without = await scratchDevice(
    t,
    dm,
    { table: [zero({ length: 8 })] },
    `${name} with a tail`,
  );
  await dm.reload(without.name, [zero({ length: 16 })]);
  const list = async (flags: number) =>
    entriesOf((await rawReply(openNode(t), Dm.LIST_DEVICES, { flags, dataSize: 16_384 })).buffer);
  const byDev = (a: { dev: bigint }, b: { dev: bigint }) => (a.dev < b.dev ? -1 : 1);
  const eventNr = async ({ dev }: { dev: bigint }) => (await dm.info({ dev })).eventNr;
  const plain = [
    { dev: withUuid.dev, name: withUuid.name, eventNr: await eventNr(withUuid) },
    { dev: without.dev, name: without.mangledName, eventNr: await eventNr(without) },
  ];
  const asked = [
    { ...plain[0]!, flags: 1, uuid: 'DMTS-LIST', isAligned: true },
    { ...plain[1]!, flags: 2, uuid: undefined, isAligned: true },
  ];
  const unasked = plain.map((one) => ({ ...one, flags: 0, uuid: undefined, isAligned: true }));
  t.deepEqual((await list(DmFlag.UUID)).sort(byDev), asked.sort(byDev));
  t.deepEqual((await list(0)).sort(byDev), unasked.sort(byDev));
});

test('an empty list is one entry of zeros', async (t) => {
  const dm = await openDm(t);
  t.deepEqual(await dm.list(), [], 'other tests left no device');
  const { buffer } = await rawReply(openNode(t), Dm.LIST_DEVICES, { dataSize: 16_384 });
  const { dataSize } = headerOf(buffer);
  t.log(`data_size ${dataSize}`);
  t.is(dataSize, HEADER);
  t.is(buffer.readBigUInt64LE(HEADER), 0n);
});

test('a message to a device without a table: Linux 6.1 returns 2, later kernels reject it', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm);
  const buffer = Buffer.alloc(512);
  dmIoctl.encodeInto({ ...EMPTY, name }, buffer);
  buffer.write('hello', HEADER + 8, 'latin1');
  const fd = openSync('/dev/mapper/control', 'r+');
  t.teardown(() => closeSync(fd));
  const { value, errno } = syscall('ioctl', [fd, Dm.TARGET_MSG.request, buffer]);
  if (runningSuite === 'bookworm') t.is(value, 2);
  else t.deepEqual([value, errnoCode(errno)], [-1, 'EINVAL']);
});

test('a pool with a smaller table: the resume fails, and the pool remains suspended with its old table', async (t) => {
  const dm = await openDm(t);
  const metadataDevice = await scratchLoop(t, 4 * MiB);
  const dataDevice = await scratchLoop(t);
  const sized = (length: number) => [thinPool({ length, metadataDevice, dataDevice })];
  const { name } = await scratchDevice(t, dm, { table: sized((8 * MiB) / SECTOR) });
  await dm.load(name, sized(EIGHT_BLOCKS));
  const node = openNode(t);
  const { SUSPEND, ACTIVE_PRESENT } = DmFlag;
  const state = async () => (await raw(node, Dm.DEV_STATUS, { name })) as { flags: number };
  t.like(await raw(node, Dm.DEV_SUSPEND, { name, flags: SUSPEND }), { name });
  t.is(await raw(node, Dm.DEV_SUSPEND, { name }), 'EINVAL');
  t.is(
    (await state()).flags & (SUSPEND | ACTIVE_PRESENT | DmFlag.INACTIVE_PRESENT),
    SUSPEND | ACTIVE_PRESENT,
  );
  t.is(await raw(node, Dm.DEV_SUSPEND, { name }), 'EINVAL', 'a second resume does not help');
  await dm.reload(name, sized((8 * MiB) / SECTOR));
  t.is((await state()).flags & SUSPEND, 0, 'a reload of the old table helps');
});

/** The errno of a call that hangs until an abort. */
async function interrupted(
  t: ExecutionContext,
  ...[command, header, blocks]: [
    typeof Dm.DEV_WAIT,
    { name: string; flags?: number; eventNr?: number },
    'io' | 'event',
  ]
): Promise<string> {
  const abort = new AbortController();
  const node = openNode(t, true);
  const call = rawReply(node, command, header, '', { blocks, signal: abort.signal });
  await sleep(500);
  abort.abort();
  return errnoCode((await call).errno);
}

test('EINTR: a signal ends a wait', async (t) => {
  const dm = await openDm(t);
  const { name, eventNr } = await scratchDevice(t, dm, { table: [zero({ length: 8 })] });
  t.is(await interrupted(t, Dm.DEV_WAIT, { name, eventNr }, 'event'), 'EINTR');
});

test('EINTR: a signal ends a flushing suspend with I/O in flight, and the device is not suspended', async (t) => {
  const dm = await openDm(t);
  const metadataDevice = await scratchLoop(t, 4 * MiB);
  const dataDevice = await scratchLoop(t, 2 * EIGHT_BLOCKS * SECTOR);
  const sized = (length: number) => [thinPool({ length, metadataDevice, dataDevice })];
  const pool = await scratchDevice(t, dm, { table: sized(EIGHT_BLOCKS) }, uniqueName('pool'));
  await dm.message(pool.name, 'create_thin 0');
  const { name, path } = await scratchThin(t, dm, pool.path);
  writeSectors(path, 0, full('x', EIGHT_BLOCKS));
  writeInBackground(t, path, 8);
  t.teardown(() => dm.reload(pool.name, sized(2 * EIGHT_BLOCKS), { noFlush: true }));
  while ((await dm.info(pool.name)).eventNr === 0) await sleep(20);
  await sleep(500);
  t.is(await interrupted(t, Dm.DEV_SUSPEND, { name, flags: DmFlag.SUSPEND }, 'io'), 'EINTR');
  t.false((await dm.info(name)).suspended);
});

const scratchThin = (t: ExecutionContext, dm: DeviceMapper, pool: string) =>
  scratchDevice(t, dm, { table: [thin({ length: EIGHT_BLOCKS + BLOCK, pool, id: 0 })] });

test('nothing is left', assertNothingLeft);
