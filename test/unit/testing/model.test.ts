// Tests the model kernel with the invariants of every kernel.

import test from 'ava';
import type { Version } from '../../../src/index.ts';
import { checkInvariants } from '../../support/model/invariants.ts';
import {
  removeEverything,
  runOptions,
  runSequences,
  stepAndLook,
  type Trial,
} from '../../support/model/sequences.ts';
import { modelWorld, PAPER_DISKS } from '../../support/model/world.ts';

const RUNS = 60;

/** A trial that checks the invariants after each step. */
async function invariantTrial(version: Version): Promise<Trial> {
  const world = await modelWorld(PAPER_DISKS, { version });
  const trial: Trial = {
    world,
    state: [],
    done: [],
    judge: async (step) => {
      const { outcome, state } = await stepAndLook(world, step);
      checkInvariants(step, outcome, trial.state, state, (dev) => world.holds.count(dev));
      return state;
    },
  };
  return trial;
}

async function end({ world }: Trial): Promise<void> {
  const left = await removeEverything(world);
  if (left.length > 0)
    throw new Error(`cannot remove ${left.join(', ')} at the end of the sequence`);
}

for (const version of [
  [4, 47, 0],
  [4, 48, 0],
  [4, 50, 0],
] as const) {
  test(`interface ${version.join('.')}: random sequences keep the invariants`, async (t) => {
    const options = runOptions(RUNS);
    t.log(`FC_SEED=${options.seed} FC_RUNS=${options.runs}`);
    const { sequences, steps } = await runSequences(() => invariantTrial(version), end, options);
    t.log(`${sequences} sequences, ${steps} steps`);
    t.true(steps > sequences);
  });
}
