// Random operations with random kills, for as long as SOAK_MINUTES says. After each kill the storage recovers, is in order, and
// has what was acknowledged. The process that recovers it keeps its descriptors and its memory. `soak-plot.ts` draws the samples.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test, { type ExecutionContext } from 'ava';
import { checkStorage, DevicemapperStorage } from '../../../src/storage/index.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { SMALL, storageRoot } from '../../support/kernel/storage.ts';
import { randomFrom } from '../../support/random.ts';

const OPERATION = fileURLToPath(new URL('../../fixtures/storage-op.js', import.meta.url));
const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 1);
const SEED = Number(process.env['FC_SEED'] ?? 1);
/** The names of the layers, which come and go. */
const NAMES = Array.from({ length: 8 }, (_, index) => `layer-${index}`);
const STEPS = 6;
/** A kill comes at most this long after the start of the process, or after its open or a step. Some take less. */
const KILL_WITHIN_MS = { start: 4000, step: 250 };
/** A heap may grow by this part between the first and the last third of the samples. */
const HEAP_GROWTH_MAX = 1.25;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Step = readonly [method: string, id: string, options?: object];

/** One recovery. */
interface Sample {
  readonly seconds: number;
  /** How long the open after the kill took. */
  readonly recoveryMs: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly descriptors: number;
  readonly loops: number;
  readonly layers: number;
}

const pick = <T>(random: () => number, from: readonly T[]): T | undefined =>
  from[Math.floor(random() * from.length)];

/** The layers, and which of them are mounted. */
interface Layers {
  readonly there: Set<string>;
  readonly mounted: Set<string>;
}

/** What a step changes. */
function change({ there, mounted }: Layers, [method, id]: Step): void {
  if (method === 'create') there.add(id);
  if (method === 'mount') mounted.add(id);
  if (method === 'unmount') mounted.delete(id);
  if (method === 'remove') there.delete(id);
}

const copyOf = ({ there, mounted }: Layers): Layers => ({
  there: new Set(there),
  mounted: new Set(mounted),
});

function randomStep({ there, mounted }: Layers, random: () => number): Step {
  const id = pick(random, NAMES)!;
  const parent = random() < 0.5 ? '' : (pick(random, [...there]) ?? '');
  if (!there.has(id)) return ['create', id, { parent }];
  if (mounted.has(id)) return ['unmount', id];
  return [random() < 0.5 ? 'mount' : 'remove', id];
}

/** Steps that succeed, unless something kills their process. */
function randomSteps(before: Layers, random: () => number): readonly Step[] {
  const layers = copyOf(before);
  return Array.from({ length: STEPS }, () => {
    const step = randomStep(layers, random);
    change(layers, step);
    return step;
  });
}

interface Work {
  readonly killed: boolean;
  /** How many steps were acknowledged. */
  readonly done: number;
}

/** Runs steps in a process, and kills it a random time after its start, its open or one of the steps. */
async function killedWork(
  root: string,
  steps: readonly Step[],
  random: () => number,
): Promise<Work> {
  const args = [OPERATION, root, JSON.stringify(steps), ...SMALL];
  const after = Math.floor(random() * (STEPS + 2));
  const delay = random() * KILL_WITHIN_MS[after === 0 ? 'start' : 'step'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  const complaints = text(child.stderr);
  let timer: NodeJS.Timeout | undefined;
  let printed = 0;
  const killAfter = (lines: number): void => {
    if (lines === after) timer = setTimeout(() => child.kill('SIGKILL'), delay);
  };
  killAfter(0);
  createInterface({ input: child.stdout }).on('line', () => {
    printed += 1;
    killAfter(printed);
  });
  const [status, signal] = await closed;
  clearTimeout(timer);
  if (status !== 0 && signal !== 'SIGKILL') {
    throw new Error(`the steps ${JSON.stringify(steps)} failed: ${await complaints}`);
  }
  return { killed: signal === 'SIGKILL', done: Math.max(0, printed - 1) };
}

const loops = (): number =>
  readdirSync('/sys/block').filter(
    (name) => /^loop/.test(name) && readdirSync(`/sys/block/${name}`).includes('loop'),
  ).length;

async function recover(
  root: string,
  begun: number,
): Promise<{ readonly sample: Sample; readonly layers: Layers }> {
  const start = performance.now();
  const storage = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  const recoveryMs = performance.now() - start;
  await storage.deletePending();
  const infos = storage.layers();
  await storage.close();
  collectGarbage();
  const sample = {
    seconds: Math.round((performance.now() - begun) / 1000),
    recoveryMs: Math.round(recoveryMs),
    heapBytes: process.memoryUsage().heapUsed,
    residentBytes: process.memoryUsage().rss,
    descriptors: readdirSync('/proc/self/fd').length,
    loops: loops(),
    layers: infos.length,
  };
  const there = new Set(infos.map(({ id }) => id));
  const mounted = new Set(infos.filter(({ mounts }) => mounts > 0).map(({ id }) => id));
  return { sample, layers: { there, mounted } };
}

/** What was acknowledged is there. The step that the kill interrupted is done, or it is not. */
function assertAcknowledged(
  t: ExecutionContext,
  before: Layers,
  {
    steps,
    done,
    now,
  }: { readonly steps: readonly Step[]; readonly done: number; readonly now: Layers },
): void {
  const expected = copyOf(before);
  for (const step of steps.slice(0, done)) change(expected, step);
  const interrupted = steps[done]?.[1];
  const sorted = (ids: ReadonlySet<string>): readonly string[] =>
    [...ids].filter((id) => id !== interrupted).toSorted();
  const said = `${JSON.stringify(steps)}, of which ${done} were acknowledged`;
  t.deepEqual(sorted(now.there), sorted(expected.there), said);
  t.deepEqual(sorted(now.mounted), sorted(expected.mounted), said);
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

/** The median of a figure in the first and in the last third of the samples. */
function ends(samples: readonly Sample[], key: keyof Sample): readonly [number, number] {
  const third = Math.floor(samples.length / 3);
  const of = (part: readonly Sample[]) => median(part.map((sample) => sample[key]));
  return [of(samples.slice(0, third)), of(samples.slice(-third))];
}

function assertFlat(t: ExecutionContext, samples: readonly Sample[]): void {
  t.is(new Set(samples.map(({ descriptors }) => descriptors)).size, 1, 'the same descriptors');
  const [first, last] = ends(samples, 'heapBytes');
  t.true(last <= first * HEAP_GROWTH_MAX, `the heap: ${first} bytes, then ${last}`);
}

test(`${MINUTES} minutes of random operations with random kills, seed ${SEED}`, async (t) => {
  t.timeout((MINUTES + 10) * 60_000);
  const random = randomFrom(SEED);
  const root = storageRoot(t);
  const samples: Sample[] = [];
  let kills = 0;
  let acknowledged = 0;
  const begun = performance.now();
  let { layers } = await recover(root, begun);
  while (performance.now() - begun < MINUTES * 60_000) {
    const steps = randomSteps(layers, random);
    const { killed, done } = await killedWork(root, steps, random);
    if (killed) kills += 1;
    acknowledged += done;
    const { sample, layers: now } = await recover(root, begun);
    samples.push(sample);
    t.log(`sample ${JSON.stringify(sample)}`);
    assertAcknowledged(t, layers, { steps, done, now });
    const { findings } = await checkStorage({ root, storageOptions: SMALL });
    t.deepEqual(findings, [], `after ${samples.length} recoveries`);
    layers = now;
  }
  const storage = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  for (const id of layers.mounted) await storage.unmount(id);
  for (const id of layers.there) await storage.remove(id);
  await storage.shutdown();
  t.log(`${samples.length} recoveries, ${kills} kills, ${acknowledged} acknowledged steps`);
  t.log(`recovery, median of the first and the last third in ms: ${ends(samples, 'recoveryMs')}`);
  t.log(`resident memory in bytes, likewise: ${ends(samples, 'residentBytes')}`);
  t.true(kills > 0 && acknowledged > 0);
  assertFlat(t, samples);
});

test('nothing is left', assertNothingLeft);
