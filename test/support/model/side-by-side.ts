// Compares two kernels step by step: the model and the reference.

import assert from 'node:assert/strict';
import { removeEverything, type Trial } from './sequences.ts';
import { inTime, minorsAreFree } from './settle.ts';
import { comparable, type Snapshot, snapshot } from './snapshot.ts';
import { HALF_DONE, QUERIES, type Step, stepText } from './steps.ts';
import { type Outcome, perform, type World } from './world.ts';

/** Number of each outcome of each step: `'remove EBUSY'`. */
export type Tally = Map<string, number>;

function count(tally: Tally, { do: verb }: Step, outcome: Outcome): void {
  const what = `${verb} ${'code' in outcome ? outcome.code : 'ok'}`;
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** A trial that compares `model` with `real`, both without devices. */
export function sideBySide(model: World, real: World, tally: Tally = new Map()): Trial {
  const trial: Trial = {
    world: model,
    state: [],
    done: [],
    judge: async (step) => {
      const expected = await perform(model, step);
      const outcome = await perform(real, step);
      count(tally, step, outcome);
      agree(stepText(step), 'outcome', expected, outcome);
      if (!mayChange(step, outcome)) return trial.state;
      const state = await snapshot(model.dm);
      await agreeOnState(stepText(step), state, real);
      await minorsAreFree(real, trial.state, state);
      return state;
    },
  };
  return trial;
}

/** Whether a snapshot is taken after the step. The next snapshot shows any other change. */
const mayChange = ({ do: verb }: Step, outcome: Outcome): boolean =>
  'code' in outcome ? HALF_DONE.includes(verb) : !QUERIES.includes(verb);

/** @throws AssertionError with a diff: `-` for the model, `+` for the kernel */
function agree(when: string, what: string, model: unknown, real: unknown): void {
  const [expected, actual] = [comparable(model), comparable(real)];
  if (expected === actual) return;
  const difference = differingLines(expected, actual);
  assert.fail(`${when}: the ${what} differs (- model, + kernel)\n${difference}`);
}

/** Only the differing lines, each with the line before it. */
function differingLines(expected: string, actual: string): string {
  const [a, b] = [expected.split('\n'), actual.split('\n')];
  const lines: string[] = [];
  for (let i = 0; i < Math.max(a.length, b.length) && lines.length < 24; i++) {
    if (a[i] !== b[i]) lines.push(`  ${i}:`, `- ${a[i] ?? ''}`, `+ ${b[i] ?? ''}`);
  }
  return lines.join('\n');
}

const agreeOnState = (when: string, expected: Snapshot, real: World): Promise<void> =>
  inTime(real, async () => agree(when, 'state', expected, await snapshot(real.dm)));

/** Compare a last snapshot, then remove all devices on both sides. None may be left. */
export async function endSideBySide(model: World, real: World): Promise<void> {
  const expected = await snapshot(model.dm);
  try {
    await agreeOnState('at the end', expected, real);
  } finally {
    const left = await Promise.all([model, real].map((world) => removeEverything(world)));
    await minorsAreFree(real, expected, []);
    model.dm.close();
    real.dm.close();
    assert.deepEqual(left, [[], []], 'left behind (by the model, by the kernel)');
  }
}
