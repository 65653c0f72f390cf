// Two kernels that are to behave the same, step by step: the model, and the one that is right.

import assert from 'node:assert/strict';
import { removeEverything, type Trial } from './sequences.ts';
import { inTime, minorsAreFree } from './settle.ts';
import { comparable, type Snapshot, snapshot } from './snapshot.ts';
import { HALF_DONE, QUERIES, type Step, stepText } from './steps.ts';
import { type Outcome, perform, type World } from './world.ts';

/** How often each step came to what: `'remove EBUSY'`. */
export type Tally = Map<string, number>;

function count(tally: Tally, { do: verb }: Step, outcome: Outcome): void {
  const what = `${verb} ${'code' in outcome ? outcome.code : 'ok'}`;
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** A trial of `model` beside `real`, both without a device. */
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

/** Whether it is worth a look: what changes all the same is seen at the next one. */
const mayChange = ({ do: verb }: Step, outcome: Outcome): boolean =>
  'code' in outcome ? HALF_DONE.includes(verb) : !QUERIES.includes(verb);

/** @throws AssertionError with the two side by side: the model's is `-`, the kernel's `+` */
function agree(when: string, what: string, model: unknown, real: unknown): void {
  const [expected, actual] = [comparable(model), comparable(real)];
  if (expected === actual) return;
  const difference = differingLines(expected, actual);
  assert.fail(`${when}: the ${what} differs (- model, + kernel)\n${difference}`);
}

/** Only what differs, with the line before it. */
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

/** A last look; then remove everything on both sides, which must leave nothing on either. */
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
