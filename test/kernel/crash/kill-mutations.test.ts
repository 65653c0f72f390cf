// The test of the kill sweep: with a fault in the library, a point that is known to show it breaks a promise, and without
// the fault the same point breaks none.

import test, { type ExecutionContext } from 'ava';
import type { MutationName } from '../../support/crash/mutations.ts';
import { MUTATIONS } from '../../support/crash/mutations.ts';
import { OPERATIONS } from '../../support/crash/operations.ts';
import { callsOf, runPoint, type SweepContext } from '../../support/crash/point.ts';
import { buildTemplate, type Template } from '../../support/crash/template.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';

/** A point at which a fault shows, and the promise that it breaks. */
interface Detection {
  readonly mutation: MutationName;
  readonly operation: string;
  readonly side: 'entry' | 'exit';
  readonly call: RegExp;
  readonly broken: RegExp;
}

const DETECTIONS: readonly Detection[] = [
  {
    mutation: 'no-resume',
    operation: 'create from a mounted parent',
    side: 'entry',
    call: /DM_TARGET_MSG .*create_snap/,
    broken: /^I4: .*-b: expected \{ suspended: false/,
  },
  {
    mutation: 'late-intent',
    operation: 'create',
    side: 'exit',
    call: /DM_TARGET_MSG .*create_snap/,
    broken: /^I2: .*: expected \[ 1, 2, 3, 5 \], got \[ 1, 2, 3, 4, 5 \]/,
  },
  {
    mutation: 'no-proof',
    operation: 'create beside an unrecorded thin device',
    side: 'entry',
    call: /DM_TARGET_MSG .*create_snap 4 /,
    broken:
      /^I2: no layer has the thin id of an unrecorded thin device: expected \[\], got \[ 4 \]/,
  },
];

let template: Template;

test.before('the template', async () => {
  template = await buildTemplate();
});

async function violationAt(
  t: ExecutionContext,
  context: SweepContext,
  { operation: title, side, call: pattern }: Detection,
): Promise<string | undefined> {
  const operation = OPERATIONS[title]!;
  const { number } = (await callsOf(context, operation)).find(({ text }) => pattern.test(text))!;
  const { call, violation } = await runPoint(context, operation, { side, number });
  t.regex(call!.text, pattern);
  return violation;
}

for (const detection of DETECTIONS) {
  const { mutation, operation, side, broken } = detection;
  const where = `${operation}, at the ${side} of the message`;
  test.serial(`${where}: the sweep notices that ${MUTATIONS[mutation].fault}`, async (t) => {
    const violation = await violationAt(t, { template, mutation }, detection);
    t.log(violation);
    t.regex(violation!, broken);
    t.is(await violationAt(t, { template }, detection), undefined);
  });
}

test.serial('nothing is left', assertNothingLeft);
