// A process that works on a storage directory is killed at random system calls; the next open repairs the directory.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { layoutOf } from '../../../src/storage/directory/layout.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { mountedLayers } from '../../../src/storage/layers/mount-counts.ts';
import { checkInvariants } from '../../support/kernel/invariants.ts';
import { killAt, type Steps, type TracedCall, traceSteps } from '../../support/kernel/kill-at.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { openStorage, SMALL, storageRoot, takeStorageApart } from '../../support/kernel/storage.ts';
import { runOptions } from '../../support/model/sequences.ts';
import { randomFrom } from '../../support/random.ts';

const POINTS = 150;
const SEED = 1;
const CONTENT = 'kept';
const BATCH = 10;

/** An operation: its steps, its setup, and the layers before and after it. */
interface Operation {
  readonly steps: Steps;
  readonly mountFirst: boolean;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  create: {
    steps: [['create', 'new', { parent: 'a' }]],
    mountFirst: false,
    before: ['a', 'b'],
    after: ['a', 'b', 'new'],
  },
  'create from a mounted parent': {
    steps: [['create', 'new', { parent: 'b' }]],
    mountFirst: true,
    before: ['a', 'b'],
    after: ['a', 'b', 'new'],
  },
  mount: { steps: [['mount', 'b']], mountFirst: false, before: ['a', 'b'], after: ['a', 'b'] },
  unmount: { steps: [['unmount', 'b']], mountFirst: true, before: ['a', 'b'], after: ['a', 'b'] },
  remove: { steps: [['remove', 'b']], mountFirst: false, before: ['a', 'b'], after: ['a'] },
};

let template = '';

test.before('a storage with two layers', async () => {
  template = join(
    execFileSync('mktemp', ['-d', '/tmp/dmts-sweep-XXXXXX'], { encoding: 'utf8' }).trim(),
    'template',
  );
  const storage = await DevicemapperStorage.open({ root: template, storageOptions: SMALL });
  for (const [id, parent] of [
    ['a', ''],
    ['b', 'a'],
  ] as const) {
    await storage.create(id, { parent });
    writeFileSync(join(await storage.mount(id), id), CONTENT, { flush: true });
  }
  await storage.shutdown();
});

test.after.always('remove the template', async () => {
  await takeStorageApart(template);
  execFileSync('rm', ['--recursive', '--force', join(template, '..')]);
});

/** A copy of the template; no file in it names its directory. */
async function fresh(t: ExecutionContext, { mountFirst }: Operation): Promise<string> {
  const root = storageRoot(t);
  execFileSync('cp', ['--archive', '--sparse=always', template, root]);
  if (mountFirst) {
    const storage = await openStorage(t, root);
    await storage.mount('b');
    await storage.close();
  }
  return root;
}

/** The calls to kill at: strace counts per thread, and holds the first call that reaches the number. */
function firstOfTheirNumber(calls: readonly TracedCall[]): readonly TracedCall[] {
  const seen = new Set<string>();
  return calls.filter(({ name, ordinal }) => {
    const key = `${name} ${ordinal}`;
    return !seen.has(key) && seen.add(key);
  });
}

const traces = new Map<string, readonly TracedCall[]>();

async function callsOf(t: ExecutionContext, name: string): Promise<readonly TracedCall[]> {
  const known = traces.get(name);
  if (known !== undefined) return known;
  const operation = OPERATIONS[name]!;
  const root = await fresh(t, operation);
  const calls = traceSteps(t, root, operation.steps, SMALL);
  // Calls before the lock of the directory change nothing, and neither do calls that wake another thread.
  const from = calls.findIndex(({ text }) => text.includes('/mapper/control>'));
  const relevant = firstOfTheirNumber(calls)
    .filter((call) => calls.indexOf(call) >= from)
    .filter(({ text }) => !text.includes('eventfd'));
  traces.set(name, relevant);
  await takeStorageApart(root);
  return relevant;
}

async function onePoint(t: ExecutionContext, random: () => number): Promise<string> {
  const names = Object.keys(OPERATIONS);
  const name = names[Math.floor(random() * names.length)]!;
  const operation = OPERATIONS[name]!;
  const calls = await callsOf(t, name);
  const call = calls[Math.floor(random() * calls.length)]!;
  const root = await fresh(t, operation);
  const { killed, printed, last } = await killAt(t, root, operation.steps, SMALL, call);
  const where = `${name}, ${call.name} number ${call.ordinal}: ${last}`;
  const done = printed.length > 1;
  const [step] = operation.steps;
  const method = step![0] as string;
  const layout = await layoutOf(root);
  if (done && method === 'mount') t.true((await mountedLayers(layout)).has('b'), `I6: ${where}`);
  if (done && method === 'unmount') t.false((await mountedLayers(layout)).has('b'), `I6: ${where}`);
  const layers = await checkInvariants(t, root, SMALL);
  const allowed = done ? [operation.after] : [operation.before, operation.after];
  t.true(
    allowed.some((expected) => expected.join() === layers.join()),
    `I6: ${layers}: ${where}`,
  );
  const storage = await openStorage(t, root);
  for (const id of layers) {
    const file = id === 'new' ? 'a' : id;
    t.is(readFileSync(join(await storage.mount(id), file), 'utf8'), CONTENT, `I7: ${where}`);
    await storage.unmount(id);
  }
  if (method === 'create' && !layers.includes('new')) await storage.create('new', { parent: 'a' });
  if (method === 'remove') await storage.remove('b');
  t.deepEqual(
    storage.layers().map(({ id }) => id),
    [...operation.after],
    `I9: ${where}`,
  );
  await storage.shutdown();
  await takeStorageApart(root);
  return `${killed ? 'ended' : 'not reached'}: ${where.slice(0, 150)}`;
}

const { seed: firstSeed, runs } = runOptions(POINTS, SEED);
for (let done = 0; done < runs; done += BATCH) {
  const seed = firstSeed + done / BATCH;
  test.serial(`${Math.min(BATCH, runs - done)} points from seed ${seed}`, async (t) => {
    t.timeout(600_000);
    const random = randomFrom(seed);
    for (let point = done; point < Math.min(done + BATCH, runs); point++)
      t.log(await onePoint(t, random));
  });
}

test('nothing is left', assertNothingLeft);
