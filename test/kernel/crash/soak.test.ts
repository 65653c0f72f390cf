// Random operations with random kills, for as long as SOAK_MINUTES says. After each kill the storage recovers and is in order.
// The process that recovers it each time keeps its descriptors and its memory. Each sample is a line for `soak-plot.ts`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
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
const KILL_WITHIN_MS = 1500;
/** A heap may grow by this part between the first and the last third of the samples. */
const HEAP_GROWTH_MAX = 1.25;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Step = readonly unknown[];

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

const pick = <T>(random: () => number, from: readonly T[]): T =>
  from[Math.floor(random() * from.length)]!;

/** Steps that may fail: a layer may exist already, or not any more. The process ends then, like one that was killed. */
function randomSteps(random: () => number): readonly Step[] {
  const step = (): Step => {
    const name = pick(random, NAMES);
    const kind = random();
    if (kind < 0.4) return ['create', name, { parent: random() < 0.5 ? '' : pick(random, NAMES) }];
    if (kind < 0.6) return ['mount', name];
    if (kind < 0.7) return ['unmount', name];
    if (kind < 0.95) return ['remove', name];
    return ['shutdown'];
  };
  return Array.from({ length: 6 }, step);
}

/** Runs random steps in a process, and kills it after a random time. @returns whether it was killed */
async function killedWork(root: string, random: () => number): Promise<boolean> {
  const args = [OPERATION, root, JSON.stringify(randomSteps(random)), ...SMALL];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const timer = setTimeout(() => child.kill('SIGKILL'), random() * KILL_WITHIN_MS);
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  return signal === 'SIGKILL';
}

const loops = (): number =>
  readdirSync('/sys/block').filter(
    (name) => /^loop/.test(name) && readdirSync(`/sys/block/${name}`).includes('loop'),
  ).length;

async function recover(root: string, begun: number): Promise<Sample> {
  const start = performance.now();
  const storage = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  const recoveryMs = performance.now() - start;
  await storage.deletePending();
  const layers = storage.layers().length;
  await storage.close();
  collectGarbage();
  return {
    seconds: Math.round((performance.now() - begun) / 1000),
    recoveryMs: Math.round(recoveryMs),
    heapBytes: process.memoryUsage().heapUsed,
    residentBytes: process.memoryUsage().rss,
    descriptors: readdirSync('/proc/self/fd').length,
    loops: loops(),
    layers,
  };
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
  // The first recovery loads modules and threads.
  const rest = samples.slice(1);
  t.is(new Set(rest.map(({ descriptors }) => descriptors)).size, 1, 'the same descriptors');
  const [first, last] = ends(rest, 'heapBytes');
  t.true(last <= first * HEAP_GROWTH_MAX, `the heap: ${first} bytes, then ${last}`);
}

test(`${MINUTES} minutes of random operations with random kills, seed ${SEED}`, async (t) => {
  t.timeout((MINUTES + 10) * 60_000);
  const random = randomFrom(SEED);
  const root = storageRoot(t);
  const samples: Sample[] = [];
  let kills = 0;
  const begun = performance.now();
  while (performance.now() - begun < MINUTES * 60_000) {
    if (await killedWork(root, random)) kills += 1;
    const sample = await recover(root, begun);
    samples.push(sample);
    t.log(`sample ${JSON.stringify(sample)}`);
    const { findings } = await checkStorage({ root, storageOptions: SMALL });
    t.deepEqual(findings, [], `after ${samples.length} recoveries`);
  }
  const storage = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  for (const { id } of storage.layers()) await storage.remove(id);
  await storage.shutdown();
  t.log(`${samples.length} recoveries, ${kills} kills`);
  t.log(`recovery, median of the first and the last third in ms: ${ends(samples, 'recoveryMs')}`);
  t.log(`resident memory in bytes, likewise: ${ends(samples, 'residentBytes')}`);
  t.true(kills > 0);
  assertFlat(t, samples);
});

test('nothing is left', assertNothingLeft);
