// Two kernels that are to behave the same, step by step: the model, and the one that is right.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeEverything, stepAndLook, type Trial } from './sequences.ts';
import { comparable, type Snapshot, snapshot } from './snapshot.ts';
import { type Step, stepText } from './steps.ts';
import { type Outcome, perform, type World } from './world.ts';

/** A deferred removal, and the closing of what it held, happen a moment after the call. */
const SETTLE_MS = 1500;
const LOOK_AGAIN_MS = 10;

/** How often each step came to what: `'remove EBUSY'`. */
export type Tally = Map<string, number>;

function count(tally: Tally, { do: verb }: Step, outcome: Outcome): void {
  const what = `${verb} ${'code' in outcome ? outcome.code : 'ok'}`;
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** A trial of `model` beside `real`, both without a device. */
export function sideBySide(model: World, real: World, tally: Tally = new Map()): Trial {
  return {
    world: model,
    state: [],
    done: [],
    judge: async (step) => {
      const expected = await stepAndLook(model, step);
      const outcome = await perform(real, step);
      count(tally, step, outcome);
      agree(step, 'outcome', expected.outcome, outcome);
      await agreeOnState(step, expected.state, real);
      return expected.state;
    },
  };
}

/** @throws AssertionError with the two side by side: the model's is `-`, the kernel's `+` */
function agree(step: Step, what: string, model: unknown, real: unknown): void {
  const [expected, actual] = [comparable(model), comparable(real)];
  if (expected === actual) return;
  const difference = differingLines(expected, actual);
  assert.fail(`${stepText(step)}: the ${what} differs (- model, + kernel)\n${difference}`);
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

async function agreeOnState(step: Step, expected: Snapshot, { dm }: World): Promise<void> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    try {
      agree(step, 'state', expected, await snapshot(dm));
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

/** Remove everything on both sides, which must leave nothing on either. */
export async function endSideBySide(model: World, real: World): Promise<void> {
  const left = await Promise.all([model, real].map((world) => removeEverything(world)));
  model.dm.close();
  real.dm.close();
  assert.deepEqual(left, [[], []], 'left behind (by the model, by the kernel)');
}
