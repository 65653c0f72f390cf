// Eight suspends wait for I/O that cannot complete: a full pool queues its writes. No other call may wait for them.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { thin, thinPool } from '../../../src/dm/targets/index.ts';
import type { DeviceInfo, DeviceMapper } from '../../../src/index.ts';
import {
  MiB,
  openDm,
  removeAfter,
  scratchDevice,
  scratchLoop,
  uniqueName,
} from '../../support/kernel/scratch.ts';

const STUCK = 8;
const BLOCK = 128;
const SMALL = STUCK * BLOCK;
const LARGE = (16 * MiB) / 512;
/** Measure timers and file reads while the suspends are stuck. */
const ROUNDS = 20;

const writeOneBlock = (device: DeviceInfo, block: number): ChildProcess =>
  spawn(
    'dd',
    ['if=/dev/zero', `of=${device.path}`, 'bs=64k', 'count=1', `seek=${block}`, 'oflag=direct'],
    { stdio: 'ignore' },
  );

interface FullPool {
  readonly thins: readonly DeviceInfo[];
  /** Give the pool more space, which ends every write. */
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

const outcomeOf = (suspend: Promise<unknown>): Promise<string> =>
  suspend.then(
    () => 'suspended',
    (error: Error) => error.name,
  );

const timed = async (task: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await task();
  return performance.now() - start;
};
const median = (values: readonly number[]): string =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!.toFixed(1);

test('eight stuck suspends delay neither timers nor file reads, and each can be aborted', async (t) => {
  const dm = await openDm(t);
  const { thins, grow } = await fullPool(t, dm);
  const aborts = thins.map(() => new AbortController());
  const ended = new Set<number>();
  const suspends = thins.map(({ name }, i) =>
    outcomeOf(dm.suspend(name, { signal: aborts[i]!.signal })).finally(() => ended.add(i)),
  );
  await sleep(3000);
  t.is(ended.size, 0, 'all are stuck');

  const timers: number[] = [];
  const reads: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    timers.push((await timed(() => sleep(5))) - 5);
    reads.push(await timed(() => readFile('/proc/version')));
  }
  t.true((await dm.info(thins[0]!.name)).live, 'queries complete meanwhile');
  t.is(ended.size, 0, 'all are still stuck');
  t.log(
    `with ${STUCK} stuck suspends: timer delay ${median(timers)} ms, readFile ${median(reads)} ms (medians of ${ROUNDS})`,
  );

  const aborted: number[] = [];
  for (const [i, { name }] of thins.entries()) {
    t.is(ended.size, i, 'an abort ends only its own suspend');
    const ms = await timed(async () => {
      aborts[i]!.abort();
      t.is(await suspends[i], 'AbortError');
    });
    t.false((await dm.info(name)).suspended, 'an aborted suspend leaves the device running');
    aborted.push(ms);
  }
  t.log(`an abort takes ${median(aborted)} ms (median of ${STUCK})`);

  await grow();
  const info = await dm.suspend(thins[1]!.name);
  t.true(info.suspended, 'it suspends after its write has ended');
  t.false((await dm.resume(thins[1]!.name)).suspended);
});
