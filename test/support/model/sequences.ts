// Random sequences of steps. fast-check runs them and shrinks a failing one.

import fc from 'fast-check';
import { step } from './arbitrary-steps.ts';
import { resolve } from './resolve.ts';
import { isSafe } from './safety.ts';
import { inTime } from './settle.ts';
import { type Snapshot, snapshot } from './snapshot.ts';
import { type Step, stepText } from './steps.ts';
import { type Outcome, perform, type World } from './world.ts';

/** Maximum number of steps of a sequence. */
const STEPS_MAX = 30;

/** The subject of a run: the world that decides which steps are safe, and the check of each step. */
export interface Trial {
  readonly world: World;
  /** The last snapshot of the world. */
  state: Snapshot;
  /** Do a step in all worlds, check it, and return the new state. @throws if the check fails */
  readonly judge: (step: Step) => Promise<Snapshot>;
  /** The completed steps as text. */
  readonly done: string[];
}

/** Initial steps of a sequence: none, or steps to a state that random steps rarely reach. */
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

/** Options of a run. */
export interface RunOptions {
  readonly seed: number;
  readonly runs: number;
  /** Stop at the first failing sequence without shrinking it. */
  readonly endOnFailure?: boolean;
  /** Time at which shrinking stops. Sequences that have not run by then are a failure as well. */
  readonly timeLimit?: number;
}

/** The result of a run. */
export interface RunFigures {
  readonly sequences: number;
  readonly steps: number;
}

/** FC_SEED and FC_RUNS of the environment, or these defaults. Without a seed, each run uses a new one. */
export function runOptions(runs: number, seed: number = Date.now() & 0x7fffffff): RunOptions {
  const { FC_SEED, FC_RUNS } = process.env;
  return {
    seed: FC_SEED === undefined ? seed : Number(FC_SEED),
    runs: FC_RUNS === undefined ? runs : Number(FC_RUNS),
  };
}

/**
 * Run sequences, each on a new trial. `end` cleans the trial up.
 * @throws an error with the shortest failing sequence and the reason
 */
export async function runSequences(
  begin: () => Promise<Trial>,
  end: (trial: Trial) => Promise<void>,
  { seed, runs, timeLimit, ...options }: RunOptions,
): Promise<RunFigures> {
  let sequences = 0;
  let steps = 0;
  const commands = fc.commands([step.map(commandOf)], { maxCommands: STEPS_MAX, size: 'max' });
  // If a failure left devices, no shorter sequence can start: report this one.
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
    // Report the first error: devices that are left may be a consequence of it.
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
 * Remove all devices, the upper ones first. The kernel closes the devices below slightly later.
 * @returns the devices that could not be removed
 */
export async function removeEverything(world: World): Promise<readonly string[]> {
  const { dm, holds } = world;
  await holds.releaseAll();
  let left: readonly string[] = [];
  try {
    await inTime(world, async () => {
      await dm.removeAll();
      left = (await dm.list()).map(({ name }) => name);
      if (left.length > 0) throw new Error(`cannot remove ${left.join(', ')}`);
    });
  } catch (error) {
    if (left.length === 0) throw error;
  }
  return left;
}

/** Do a step, then take a snapshot. */
export async function stepAndLook(
  world: World,
  one: Step,
): Promise<{ readonly outcome: Outcome; readonly state: Snapshot }> {
  const outcome = await perform(world, one);
  return { outcome, state: await snapshot(world.dm) };
}
