// Eight suspends that wait for I/O which cannot end: a full pool queues its writes. Nobody else may wait.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type DeviceInfo, type DeviceMapper, thin, thinPool } from '../../src/index.ts';
import {
  MiB,
  openDm,
  removeAfter,
  scratchDevice,
  scratchLoop,
  uniqueName,
} from './helpers/scratch.ts';

const STUCK = 8;
const BLOCK = 128;
const SMALL = STUCK * BLOCK;
const LARGE = (16 * MiB) / 512;
/** What the event loop may be late, how long a file may take, and how long an abort. Milliseconds. */
const LATE_MAX = 20;
const READ_MAX = 50;
const ABORT_MAX = 100;
const MEASUREMENTS = 20;
const ABORT_TRIES = 5;

const writeOneBlock = (device: DeviceInfo, block: number): ChildProcess =>
  spawn(
    'dd',
    ['if=/dev/zero', `of=${device.path}`, 'bs=64k', 'count=1', `seek=${block}`, 'oflag=direct'],
    { stdio: 'ignore' },
  );

interface FullPool {
  readonly thins: readonly DeviceInfo[];
  /** Give the pool more room, which ends every write. */
  readonly grow: () => Promise<void>;
}

/** A pool without a free block, and on each of eight thin devices a write that waits for one. */
async function fullPool(t: ExecutionContext, dm: DeviceMapper): Promise<FullPool> {
  const metadataDevice = await scratchLoop(t, 4 * MiB);
  const dataDevice = await scratchLoop(t, 16 * MiB);
  const table = (length: number) => [thinPool({ length, metadataDevice, dataDevice })];
  const pool = await scratchDevice(t, dm, { table: table(SMALL) }, uniqueName('pool'));
  const grow = async (): Promise<void> => {
    await dm.reload(pool.name, table(LARGE), { noFlush: true });
  };
  const thins: DeviceInfo[] = [];
  for (let id = 0; id < STUCK; id++) {
    await dm.message(pool.name, `create_thin ${id}`);
    const thinTable = [thin({ length: LARGE, pool: pool.path, id })];
    const device = await dm.create(uniqueName('thin'), { table: thinTable });
    thins.push(device);
    removeAfter(t, device.name);
  }
  for (let block = 0; block < STUCK; block++) {
    const [status] = (await once(writeOneBlock(thins[0]!, block), 'close')) as [number];
    t.is(status, 0, 'a write that fits');
  }
  const writers = thins.map((device) => writeOneBlock(device, STUCK));
  t.teardown(async () => {
    await grow();
    await Promise.all(
      writers.map(async (writer) => writer.exitCode ?? (await once(writer, 'close'))),
    );
  });
  for (;;) {
    const [target] = (await dm.status(pool.name, { noFlush: true })).targets;
    const status = thinPool.parseStatus(target!.params);
    if (status.state === 'working' && status.mode === 'out_of_data_space') break;
    await sleep(50);
  }
  return { thins, grow };
}

/** How late a timer is at the most within `ms`. */
async function lateness(ms: number): Promise<number> {
  let worst = 0;
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const due = performance.now() + 5;
    await sleep(5);
    worst = Math.max(worst, performance.now() - due);
  }
  return worst;
}

/**
 * The least of a few measurements, up to the first below `limit`: a loaded machine disturbs some of them, a blocked thread
 * all.
 */
async function best(
  measure: () => Promise<number>,
  limit: number,
  count = MEASUREMENTS,
): Promise<number> {
  const figures: number[] = [];
  while (figures.length < count && !(figures.at(-1)! < limit)) figures.push(await measure());
  return Math.min(...figures);
}

/** A suspend that is under way, and what ends it. */
interface Stuck {
  readonly abort: AbortController;
  readonly suspend: Promise<string>;
}

const outcomeOf = (suspend: Promise<unknown>): Promise<string> =>
  suspend.then(
    () => 'suspended',
    (error: Error) => error.name,
  );

async function stuckSuspend(t: ExecutionContext, dm: DeviceMapper, name: string): Promise<Stuck> {
  const abort = new AbortController();
  const suspend = outcomeOf(dm.suspend(name, { signal: abort.signal }));
  const stuck = sleep(500).then(() => 'stuck');
  t.is(await Promise.race([suspend, stuck]), 'stuck');
  return { abort, suspend };
}

/** How long a stuck suspend takes to end when it is aborted; its device must then be running. */
async function abortTime(
  t: ExecutionContext,
  dm: DeviceMapper,
  name: string,
  { abort, suspend }: Stuck,
): Promise<number> {
  const start = performance.now();
  abort.abort();
  t.is(await suspend, 'AbortError');
  const took = performance.now() - start;
  t.false((await dm.info(name)).suspended, 'an aborted suspend leaves the device running');
  return took;
}

async function readTime(): Promise<number> {
  const start = performance.now();
  await readFile('/proc/version');
  return performance.now() - start;
}

test('eight stuck suspends hold up neither timers nor files, and each can be aborted', async (t) => {
  const dm = await openDm(t);
  const { thins, grow } = await fullPool(t, dm);
  const aborts = thins.map(() => new AbortController());
  const ended = new Set<number>();
  const suspends = thins.map(({ name }, i) =>
    outcomeOf(dm.suspend(name, { signal: aborts[i]!.signal })).finally(() => ended.add(i)),
  );
  await sleep(3000);
  t.is(ended.size, 0, 'all are stuck');

  const late = await best(() => lateness(200), LATE_MAX);
  const read = await best(readTime, READ_MAX);
  t.log(
    `with ${STUCK} stuck suspends: timer late by ${late.toFixed(1)} ms, readFile ${read.toFixed(1)} ms`,
  );
  t.true(late < LATE_MAX, `timer late by ${late} ms`);
  t.true(read < READ_MAX, `readFile took ${read} ms`);
  t.true((await dm.info(thins[0]!.name)).live, 'queries are answered meanwhile');

  const times: number[] = [];
  for (const [i, { name }] of thins.entries()) {
    const first = await abortTime(t, dm, name, { abort: aborts[i]!, suspend: suspends[i]! });
    const again = async () => abortTime(t, dm, name, await stuckSuspend(t, dm, name));
    if (first >= ABORT_MAX) t.log(`an abort took ${first.toFixed(1)} ms, and is measured again`);
    times.push(first < ABORT_MAX ? first : await best(again, ABORT_MAX, ABORT_TRIES));
  }
  t.log(`aborts took ${times.map((ms) => ms.toFixed(1)).join(', ')} ms`);
  t.true(Math.max(...times) < ABORT_MAX, `aborts took ${times.join(', ')} ms`);

  await grow();
  const info = await dm.suspend(thins[1]!.name);
  t.true(info.suspended, 'it suspends once its write has ended');
  t.false((await dm.resume(thins[1]!.name)).suspended);
});
