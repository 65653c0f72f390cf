// Tests that cut the power of a storage: a test for each step of the history, on one kind of disk.

import test from 'ava';
import { runOptions } from '../model/sequences.ts';
import { randomFrom } from '../random.ts';
import { HISTORY } from './history.ts';
import { MUTATIONS, type MutationName } from './mutations.ts';
import { cutsAtFlushes, inOrder, type PowerCut, randomCuts } from './power-cuts.ts';
import { Recording, type RecordingOptions } from './recording.ts';
import { type DiskKind, diskWords } from './storage-disk.ts';
import { checkSurvival, filesOfTar, type Situation } from './survival.ts';

/** Which of the power cuts are checked. */
export interface Selection {
  /** One of this many flush points. @default 1 */
  readonly oneOf?: number;
  /** The number of random subsets of the writes that wait for a flush. */
  readonly subsets: number;
}

const SEED = 1;
const TIME_LIMIT = 1_800_000;

/** A recording, the cuts to check, and what its layers contain. */
export interface Prepared {
  readonly recording: Recording;
  readonly cuts: readonly PowerCut[];
  readonly situation: Pick<Situation, 'tar' | 'unpacked'>;
}

/** Record the history, and select power cuts. */
export async function prepare(
  options: RecordingOptions,
  { oneOf = 1, subsets }: Selection,
): Promise<Prepared> {
  const recording = await Recording.make(options);
  const { entries, tar } = recording;
  const { seed, runs } = runOptions(subsets, SEED);
  const flushes = cutsAtFlushes(entries).filter((_, index) => index % oneOf === 0);
  const cuts = inOrder([...flushes, ...randomCuts(entries, runs, randomFrom(seed))]);
  return { recording, cuts, situation: { tar, unpacked: await filesOfTar(tar) } };
}

/** Check one power cut. @returns what is wrong, if anything */
export async function violation(
  { recording, situation }: Prepared,
  cut: PowerCut,
): Promise<string | undefined> {
  const { certain, lucky, random, acknowledged } = cut;
  const recovery = random ? 'repair' : 'open';
  try {
    await recording.after(cut, (disk) =>
      checkSurvival(disk, { ...situation, acknowledged, recovery }),
    );
    return undefined;
  } catch (error) {
    const also = lucky.map(({ index, from, to }) => ` and bytes ${from} to ${to} of ${index}`);
    return `after ${certain} entries${also.join('')}: ${error}`;
  }
}

/** Declare the tests of one kind of disk. */
export function testPowerCuts(options: RecordingOptions, selection: Selection): void {
  const words = diskWords(options);
  let prepared: Prepared;
  test.serial(`the history is recorded: ${words}`, async (t) => {
    prepared = await prepare(options, selection);
    const { entries } = prepared.recording;
    t.log(`${entries.length} entries, ${cutsAtFlushes(entries).length} flush points`);
    t.pass();
  });

  for (const [index, { title }] of [...HISTORY.entries(), AT_THE_END]) {
    test.serial(`power cuts during ${title}: ${words}`, async (t) => {
      t.timeout(TIME_LIMIT);
      const cuts = prepared.cuts.filter(({ acknowledged }) => acknowledged === index);
      const found: string[] = [];
      const begun = performance.now();
      for (const cut of cuts) {
        const wrong = await violation(prepared, cut);
        if (wrong !== undefined) found.push(wrong);
      }
      const subsets = cuts.filter(({ random }) => random).length;
      const seconds = Math.round((performance.now() - begun) / 1000);
      t.log(`${cuts.length - subsets} flush points, ${subsets} subsets, ${seconds} s`);
      t.deepEqual(found, []);
    });
  }

  test.serial(`the recording is deleted: ${words}`, async (t) => {
    await t.notThrowsAsync(prepared.recording[Symbol.asyncDispose]());
  });
}

/** The power cuts after the last step. */
const AT_THE_END = [HISTORY.length, { title: 'nothing' }] as const;

/** Declare the test that a faulty library does not survive every power cut after the first open. */
export function testFault(kind: DiskKind, mutation: MutationName): void {
  test.serial(`power cuts when ${MUTATIONS[mutation].fault}: ${diskWords(kind)}`, async (t) => {
    t.timeout(TIME_LIMIT);
    const prepared = await prepare({ ...kind, mutation }, { subsets: 0 });
    await using _ = prepared.recording;
    const cuts = prepared.cuts.filter(({ acknowledged }) => acknowledged > 0);
    for (const cut of cuts) {
      const wrong = await violation(prepared, cut);
      if (wrong === undefined) continue;
      t.log(wrong);
      t.pass();
      return;
    }
    t.fail(`the storage survived ${cuts.length} power cuts`);
  });
}
