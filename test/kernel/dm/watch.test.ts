// Events are delivered as they happen. An idle watch makes no ioctl.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { thin, thinPool, zero } from '../../../src/dm/targets/index.ts';
import type { DeviceEvent, DeviceMapper } from '../../../src/index.ts';
import { MiB, openDm, removeAfter, scratchLoop, uniqueName } from '../../support/kernel/scratch.ts';

const IDLE = fileURLToPath(new URL('../../fixtures/idle-watch.js', import.meta.url));
/** Long enough for any machine: an event that has not arrived by then is lost. */
const PATIENCE_MS = 60_000;
const IDLE_SECONDS = 15;
/** A process that has made no ioctl for this long is waiting, even on a slow machine. */
const SETTLED_MS = 5000;
const BLOCK = 128;

/** Collects watch events in the background, and finds the first one that matches a description. */
class Watcher {
  readonly #events: DeviceEvent[] = [];
  readonly #abort = new AbortController();
  readonly #ended: Promise<unknown>;

  constructor(dm: DeviceMapper) {
    this.#ended = this.#run(dm).catch((error: Error) => error.name);
  }

  async #run(dm: DeviceMapper): Promise<void> {
    for await (const event of dm.watch({ signal: this.#abort.signal })) this.#events.push(event);
  }

  /** Wait for an event, and discard it with all earlier ones. @returns the delay in milliseconds */
  async next(type: DeviceEvent['type'], name: string): Promise<number> {
    const start = performance.now();
    for (;;) {
      const at = this.#events.findIndex((e) => e.type === type && e.device.name === name);
      if (at !== -1) {
        this.#events.splice(0, at + 1);
        return performance.now() - start;
      }
      if (performance.now() - start > PATIENCE_MS) {
        throw new Error(
          `no ${type} of ${name}; seen: ${JSON.stringify(this.#events.map((e) => e.type))}`,
        );
      }
      await sleep(2);
    }
  }

  /** Wait until each of `names` has had such an event. */
  async all(type: DeviceEvent['type'], names: readonly string[]): Promise<void> {
    const start = performance.now();
    const seen = (name: string): boolean =>
      this.#events.some((e) => e.type === type && e.device.name === name);
    while (!names.every(seen)) {
      if (performance.now() - start > PATIENCE_MS)
        throw new Error(`not every device had a '${type}' event`);
      await sleep(2);
    }
  }

  async stop(): Promise<unknown> {
    this.#abort.abort();
    return this.#ended;
  }
}

test('a watch reports create, rename, table, low water, out of space and remove', async (t) => {
  const dm = await openDm(t);
  const watcher = new Watcher(dm);
  await sleep(500);
  const times: Record<string, number> = {};
  const name = uniqueName();
  removeAfter(t, name);

  await dm.create(name);
  times['created'] = await watcher.next('created', name);
  await dm.load(name, [zero({ length: 8 })]);
  await dm.resume(name);
  times['first table'] = await watcher.next('table', name);
  await dm.reload(name, [zero({ length: 16 })]);
  times['table'] = await watcher.next('table', name);
  const renamed = `${name}-renamed`;
  removeAfter(t, renamed);
  await dm.rename(name, renamed);
  times['renamed'] = await watcher.next('renamed', renamed);
  await dm.remove(renamed, { retryMs: 5000 });
  times['removed'] = await watcher.next('removed', renamed);

  const pool = uniqueName('pool');
  const device = uniqueName('thin');
  const [metadataDevice, dataDevice] = [await scratchLoop(t, 4 * MiB), await scratchLoop(t)];
  removeAfter(t, pool);
  const features = ['error_if_no_space'] as const;
  const { path } = await dm.create(pool, {
    table: [thinPool({ length: 8 * BLOCK, metadataDevice, dataDevice, lowWaterMark: 4, features })],
  });
  await dm.message(pool, 'create_thin 0');
  removeAfter(t, device);
  const thinDevice = await dm.create(device, {
    table: [thin({ length: 64 * BLOCK, pool: path, id: 0 })],
  });
  await watcher.next('table', device);
  const write = (from: number, count: number): void => {
    const command = [`of=${thinDevice.path}`, 'bs=64k', `seek=${from}`, `count=${count}`];
    execFileSync('dd', ['if=/dev/zero', 'oflag=direct', ...command], { stdio: 'ignore' });
  };
  write(0, 5);
  times['low water'] = await watcher.next('event', pool);
  t.throws(() => write(5, 8));
  times['out of space'] = await watcher.next('event', pool);

  t.is(await watcher.stop(), 'AbortError');
  t.log(
    Object.entries(times)
      .map(([what, ms]) => `${what} ${ms.toFixed(0)} ms`)
      .join(', '),
  );
});

test(`an idle watch makes no ioctl for ${IDLE_SECONDS} s`, async (t) => {
  const dm = await openDm(t);
  const strace = spawn(
    'strace',
    ['-f', '-qq', '-y', '-e', 'trace=ioctl', '-e', 'signal=none', process.execPath, IDLE],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let trace = '';
  strace.stderr.on('data', (chunk: Buffer) => {
    trace += chunk.toString();
  });
  await once(strace.stdout, 'data');
  const count = (): number => trace.split('\n').filter((line) => line.includes('/control>')).length;
  let before = -1;
  while (before !== count()) {
    before = count();
    await sleep(SETTLED_MS);
  }
  t.true(before >= 3, 'it has queried the version, armed and listed');
  await sleep(IDLE_SECONDS * 1000);
  t.is(count() - before, 0);
  const name = uniqueName();
  removeAfter(t, name);
  await dm.create(name);
  await once(strace, 'close');
  t.log(`ioctls before the wait ${before}, during it 0, after an event ${count() - before}`);
  t.true(count() > before, 'the event woke it');
});

test('an event between two polls is not lost', async (t) => {
  const dm = await openDm(t);
  const watcher = new Watcher(dm);
  await sleep(500);
  const names = Array.from({ length: 30 }, () => uniqueName());
  for (const name of names) {
    removeAfter(t, name);
    await dm.create(name);
  }
  await watcher.all('created', names);
  await Promise.all(names.map((name) => dm.remove(name)));
  await watcher.all('removed', names);
  t.pass();
  t.is(await watcher.stop(), 'AbortError');
});
