// Kills a process at each system call of each operation of volumes.

import test from 'ava';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { VOLUME_OPERATIONS } from '../../support/volumes/kill-operations.ts';
import { VolumeSweep } from '../../support/volumes/kill-sweep.ts';

const LIMIT_MS = 3_600_000;

for (const title of Object.keys(VOLUME_OPERATIONS)) {
  test.serial(`${title}: a kill at each system call breaks no promise`, async (t) => {
    t.timeout(LIMIT_MS);
    await using sweep = await VolumeSweep.make();
    const points = await sweep.pointsOf(title);
    t.true(points.length > 0);
    const violations: string[] = [];
    for (const point of points) {
      const violation = await sweep.violationAt(point);
      if (violation !== undefined) violations.push(violation);
    }
    t.log(`${title}: ${points.length} points, ${violations.length} violations`);
    t.deepEqual(violations, []);
  });
}

test.serial('nothing is left', assertNothingLeft);
