// Random tables, valid and slightly invalid, loaded by the library and by dmsetup: both must have the same outcome, the
// same errno, and the same text read back, which must be the library's own format. FC_SEED sets the seed, FC_RUNS the
// number of tables of each type.

import test from 'ava';
import fc from 'fast-check';
import { runs } from '../../support/arbitraries/runs.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { openDm, uniqueName } from '../../support/kernel/scratch.ts';
import { ships } from '../../support/kernel/target-support.ts';
import { disagreement } from './oracle/agreement.ts';
import { type Case, cases } from './oracle/cases.ts';
import { CHECKED } from './oracle/checked-samples.ts';
import { COPIES } from './oracle/copies-samples.ts';
import { crashes } from './oracle/crashes.ts';
import { Tally } from './oracle/figures.ts';
import { openPlace } from './oracle/place.ts';
import { SIMPLE } from './oracle/simple-samples.ts';
import { STORES } from './oracle/store-samples.ts';

/** Tables of each type: at least 500 on every kernel. */
const RUNS = 21;
const SEED = 1;
/** Time limit for shrinking a failing case. */
const SHRINK_MS = 180_000;
/** A table that takes longer hangs. */
const CASE_MS = 60_000;

const ALL = { ...SIMPLE, ...STORES, ...CHECKED, ...COPIES };
const SHIPPED = Object.entries(ALL).filter(([type]) => ships(type));

class Disagreement extends Error {}

const tally = new Tally();

/** Define the test of one kind of tables. */
function agree(what: string, tables: fc.Arbitrary<Case>): void {
  test(`dmsetup and dmts agree: ${what}`, async (t) => {
    const dm = await openDm(t);
    const place = await openPlace(t, dm);
    const name = uniqueName();
    const count = (outcome: string): void => tally.add(what, outcome);
    const loadable = tables.filter(({ lines }) => !lines.some(crashes));
    const property = fc.asyncProperty(loadable, async (table) => {
      const found = await disagreement({ dm, place, name, count }, table);
      if (found !== undefined) throw new Disagreement(found);
    });
    const start = performance.now();
    const details = await fc.check(property, {
      // The same tables each time, unless FC_SEED is set.
      seed: SEED,
      ...runs<[Case]>(RUNS),
      timeout: CASE_MS,
      interruptAfterTimeLimit: SHRINK_MS,
      markInterruptAsFailure: true,
    });
    t.log(`${tally.of(what)}, in ${Math.round((performance.now() - start) / 1000)} s`);
    const { failed, seed, counterexample, counterexamplePath, errorInstance } = details;
    const report = [
      `seed ${seed}, path ${counterexamplePath}`,
      fc.stringify(counterexample?.[0]),
      String(errorInstance),
    ];
    t.false(failed, report.join('\n'));
  });
}

for (const [type, sample] of SHIPPED) agree(type, cases(sample, 1));

/** The types that may be combined with other targets in a table. */
const MIXED = ['linear', 'striped', 'zero', 'error', 'delay', 'flakey', 'unstriped', 'crypt'];
agree('several targets', cases(fc.oneof(...MIXED.map((type) => ALL[type]!)), 3));

test('statistics', (t) => {
  for (const line of tally.lines()) t.log(line);
  t.pass();
});

test('nothing is left', assertNothingLeft);
