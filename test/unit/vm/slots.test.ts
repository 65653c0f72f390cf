import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { allowedProcessors, parseProcessorList } from '../../../vm/processors.ts';
import { acquireSlot } from '../../../vm/slots.ts';

async function withCache(body: (cache: string) => Promise<void>): Promise<void> {
  const cache = await mkdtemp(join(tmpdir(), 'dmts-test-'));
  try {
    await body(cache);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

test('two slots have two directories; a third caller waits until one is free', (t) =>
  withCache(async (cache) => {
    const first = await acquireSlot(cache, 2);
    const second = await acquireSlot(cache, 2);
    t.not(first.directory, second.directory);
    if (allowedProcessors().length > 1) t.not(first.processor, second.processor);
    const events: string[] = [];
    const third = new Promise<Awaited<ReturnType<typeof acquireSlot>>>((resolve, reject) => {
      const onWait = (): void => void release().catch(reject);
      acquireSlot(cache, 2, { onWait }).then((slot) => {
        events.push('third');
        resolve(slot);
      }, reject);
    });
    async function release(): Promise<void> {
      events.push('released');
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    }
    await using slot = await third;
    t.deepEqual(events, ['released', 'third']);
    t.true([first.directory, second.directory].includes(slot.directory));
  }));

for (const free of [0, 1]) {
  test(`a waiting caller takes slot ${free} when only that one becomes free`, (t) =>
    withCache(async (cache) => {
      const held = [await acquireSlot(cache, 2), await acquireSlot(cache, 2)];
      let waits = (): void => undefined;
      const waiting = new Promise<void>((resolve) => {
        waits = resolve;
      });
      const third = acquireSlot(cache, 2, { onWait: () => waits() });
      await waiting;
      await held[free]![Symbol.asyncDispose]();
      await using slot = await third;
      t.is(slot.directory, held[free]!.directory);
      await held[1 - free]![Symbol.asyncDispose]();
    }));
}

test('a slot begins empty, and its directory is removed with it', (t) =>
  withCache(async (cache) => {
    const first = await acquireSlot(cache, 1);
    await writeFile(join(first.directory, 'disk'), 'x');
    await first[Symbol.asyncDispose]();
    await t.throwsAsync(stat(first.directory), { code: 'ENOENT' });
    await using second = await acquireSlot(cache, 1);
    t.deepEqual(await readdir(second.directory), []);
  }));

test('a wait can be aborted', (t) =>
  withCache(async (cache) => {
    await using _held = await acquireSlot(cache, 1);
    const abort = new AbortController();
    const reason = new Error('enough');
    const options = { signal: abort.signal, onWait: () => abort.abort(reason) };
    t.is(await t.throwsAsync(acquireSlot(cache, 1, options)), reason);
  }));

test('lists of processors are parsed', (t) => {
  t.deepEqual(parseProcessorList('0'), [0]);
  t.deepEqual(parseProcessorList('0-3,8'), [0, 1, 2, 3, 8]);
  t.deepEqual(parseProcessorList('2,4-5'), [2, 4, 5]);
});
