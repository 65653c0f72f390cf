// Kills a process at random system calls of all operations of volumes. FC_RUNS and FC_SEED of the environment are the number of
// points and the seed. test/kernel/crash/kill-volumes.test.ts has all points.

import test from 'ava';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { runOptions } from '../../support/model/sequences.ts';
import { randomFrom } from '../../support/random.ts';
import { VOLUME_OPERATIONS } from '../../support/volumes/kill-operations.ts';
import { VolumeSweep } from '../../support/volumes/kill-sweep.ts';

const POINT_LIMIT_MS = 60_000;
const { seed, runs } = runOptions(6, 1);

test.serial(`${runs} random points from seed ${seed}: a kill breaks no promise`, async (t) => {
  t.timeout(2 * runs * POINT_LIMIT_MS);
  const random = randomFrom(seed);
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  await using sweep = await VolumeSweep.make();
  const violations: string[] = [];
  for (let done = 0; done < runs; done++) {
    const point = oneOf(await sweep.pointsOf(oneOf(Object.keys(VOLUME_OPERATIONS))));
    const violation = await sweep.violationAt(point);
    if (violation !== undefined) violations.push(violation);
  }
  t.deepEqual(violations, []);
});

test.serial('nothing is left', assertNothingLeft);
