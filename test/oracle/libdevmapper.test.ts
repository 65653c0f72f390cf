// Every byte we send is the byte that libdevmapper sends: dmsetup itself is asked, with a kernel preloaded into it
// that takes everything (shim.c). A seed of your own: FC_SEED=… ; more cases: FC_RUNS=… . Without a C compiler or
// without dmsetup these tests fail and say so.

import test from 'ava';
import { targetKinds } from '../../src/dm/targets/index.ts';
import { runs } from '../support/arbitraries/runs.ts';
import { ORACLE_LAWS } from './laws.ts';
import { Oracle } from './oracle.ts';
import { TARGETS } from './targets.ts';

const RUNS = 8;

let oracle: Oracle;

test.before('the oracle is there', (t) => {
  oracle = new Oracle();
  t.log(`dmsetup ${oracle.version}`);
});

test.after.always(() => oracle?.[Symbol.dispose]());

test('every typed target is compared', (t) => {
  t.deepEqual(Object.keys(TARGETS).sort(), [...targetKinds.keys()].sort());
});

for (const { name, check } of ORACLE_LAWS) {
  test(`the same bytes as libdevmapper's: ${name}`, async (t) => {
    const { failed, report } = await check(oracle, runs(RUNS));
    t.false(failed, report);
  });
}
