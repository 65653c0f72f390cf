// Random sequences of steps, run by fast-check, and shrunk to the shortest that still fails.

import fc from 'fast-check';
import { step } from './arbitrary-steps.ts';
import { resolve } from './resolve.ts';
import { isSafe } from './safety.ts';
import { inTime } from './settle.ts';
import { type Snapshot, snapshot } from './snapshot.ts';
import { type Step, stepText } from './steps.ts';
import { type Outcome, perform, type World } from './world.ts';

/** Steps in a sequence, at most. */
const STEPS_MAX = 30;

/** What is checked: the world that decides what is safe, and the judge that looks at each step. */
export interface Trial {
  readonly world: World;
  /** The last look at it. */
  state: Snapshot;
  /** Do a step everywhere, and throw if it is not as it should be. Gives the new state. */
  readonly judge: (step: Step) => Promise<Snapshot>;
  /** The steps that were done, in words. */
  readonly done: string[];
}

/** Where a sequence begins: with nothing, or where it would seldom come to by itself. */
const BEGINNINGS: readonly (readonly Step[])[] = [
  [],
  [
    { do: 'create', name: 'a', table: [{ length: 1024, type: 'linear', params: '$data0 0' }] },
    { do: 'create', name: 'b', table: [{ length: 8, type: 'linear', params: '$pick0 0' }] },
  ],
  [
    {
      do: 'create',
      name: 'a',
      table: [{ length: 2048, type: 'thin-pool', params: '$meta0 $data0 128 1' }],
    },
    { do: 'message', ref: { name: 'a' }, text: 'create_thin 0', sector: 0 },
    { do: 'create', name: 'b', table: [{ length: 1024, type: 'thin', params: '$pool0 0' }] },
  ],
];

const beginning: fc.Arbitrary<readonly Step[]> = fc.constantFrom(...BEGINNINGS);

type Command = fc.AsyncCommand<Trial, Trial, true>;

const commandOf = (one: Step): Command => ({
  check: async ({ state, world }) => isSafe(state, resolve(state, one), world.version[1]),
  run: async (trial) => {
    const resolved = resolve(trial.state, one);
    trial.done.push(stepText(resolved));
    try {
      trial.state = await trial.judge(resolved);
    } catch (error) {
      const cause = error as Error;
      throw new Error(`${trial.done.join('\n')}\n${cause.message}`, { cause });
    }
  },
  toString: () => stepText(one),
});

/** How much is run, and from which seed. */
export interface RunOptions {
  readonly seed: number;
  readonly runs: number;
  /** Stop at the first sequence that fails, and do not look for a shorter one. */
  readonly endOnFailure?: boolean;
  /** When to stop looking for a shorter one; sequences that have not been run by then are a failure, too. */
  readonly timeLimit?: number;
}

/** What has been run. */
export interface RunFigures {
  readonly sequences: number;
  readonly steps: number;
}

/** FC_SEED and FC_RUNS of the environment, or these; without a seed, another one each time. */
export function runOptions(runs: number, seed: number = Date.now() & 0x7fffffff): RunOptions {
  const { FC_SEED, FC_RUNS } = process.env;
  return {
    seed: FC_SEED === undefined ? seed : Number(FC_SEED),
    runs: FC_RUNS === undefined ? runs : Number(FC_RUNS),
  };
}

/**
 * Run sequences, each on a trial of its own, which `end` takes apart.
 * @throws the shortest sequence that fails, and why
 */
export async function runSequences(
  begin: () => Promise<Trial>,
  end: (trial: Trial) => Promise<void>,
  { seed, runs, timeLimit, ...options }: RunOptions,
): Promise<RunFigures> {
  let sequences = 0;
  let steps = 0;
  const commands = fc.commands([step.map(commandOf)], { maxCommands: STEPS_MAX, size: 'max' });
  // Where a failure left devices no shorter sequence can begin: then it is the one to tell.
  let earlier: unknown;
  const property = fc.asyncProperty(beginning, commands, async (first, sequence) => {
    const trial = await begin().catch((error) => {
      throw earlier ?? error;
    });
    const failures: unknown[] = [];
    const attempt = (task: () => Promise<unknown>): Promise<unknown> =>
      task().catch((error) => failures.push(error));
    await attempt(async () => {
      for (const one of first) await commandOf(one).run(trial, trial);
      await fc.asyncModelRun(() => ({ model: trial, real: trial }), sequence);
    });
    sequences++;
    steps += trial.done.length;
    await attempt(() => end(trial));
    // What went wrong first is what there is to tell; what is left behind may come of it.
    if (failures.length === 0) return;
    earlier ??= failures[0];
    throw failures[0];
  });
  await fc.assert(property, {
    seed,
    numRuns: runs,
    includeErrorInReport: true,
    ...(timeLimit && { interruptAfterTimeLimit: timeLimit, markInterruptAsFailure: true }),
    ...options,
  });
  return { sequences, steps };
}

/**
 * Remove everything there is: what stands on something goes first, and what it held is let go of a moment later.
 * Gives what stays all the same.
 */
export async function removeEverything(world: World): Promise<readonly string[]> {
  const { dm, holds } = world;
  await holds.releaseAll();
  let left: readonly string[] = [];
  try {
    await inTime(world, async () => {
      await dm.removeAll();
      left = (await dm.list()).map(({ name }) => name);
      if (left.length > 0) throw new Error(`${left.join(', ')} stays`);
    });
  } catch (error) {
    if (left.length === 0) throw error;
  }
  return left;
}

/** Do a step, then look. */
export async function stepAndLook(
  world: World,
  one: Step,
): Promise<{ readonly outcome: Outcome; readonly state: Snapshot }> {
  const outcome = await perform(world, one);
  return { outcome, state: await snapshot(world.dm) };
}
