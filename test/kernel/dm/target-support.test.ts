// The table of the target types that kernels ship, compared with the running kernel.

import test from 'ava';
import { targetKinds } from '../../../src/dm/targets/index.ts';
import { isDmError } from '../../../src/index.ts';
import { openDm } from '../../support/kernel/scratch.ts';
import { ships, targetSupport } from '../../support/kernel/target-support.ts';

test('the table has exactly the typed targets', (t) => {
  t.deepEqual(Object.keys(targetSupport).sort(), [...targetKinds.keys()].sort());
});

for (const type of Object.keys(targetSupport)) {
  const expected = ships(type);
  test(`${type}: ${expected ? 'there' : 'not there'}`, async (t) => {
    const dm = await openDm(t);
    // thin is in the module of thin-pool, which the kernel loads by that name only.
    if (type === 'thin') await dm.targetVersion('thin-pool');
    try {
      const { name, version } = await dm.targetVersion(type);
      t.true(expected, `${name} ${version.join('.')} is there`);
    } catch (error) {
      if (!isDmError(error, 'EINVAL')) throw error;
      t.false(expected, error.message);
    }
  });
}
