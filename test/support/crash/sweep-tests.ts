// The tests of one operation's kill sweep.

import test from 'ava';
import { assertNothingLeft } from '../kernel/leftovers.ts';
import { sweepAll } from './sweep.ts';
import { buildTemplate } from './template.ts';

/** Limit of a sweep in milliseconds. */
const LIMIT_MS = 7_200_000;

/** Declare the tests of an operation, by its title. */
export function sweepTests(title: string): void {
  test.serial(`${title}: a kill at each system call breaks no promise`, async (t) => {
    t.timeout(LIMIT_MS);
    const tally = await sweepAll({ template: await buildTemplate() }, title, t.log);
    t.log(`${tally}`);
    t.true(tally.points > 0);
    t.deepEqual(tally.violations, []);
  });

  test.serial('nothing is left', assertNothingLeft);
}
