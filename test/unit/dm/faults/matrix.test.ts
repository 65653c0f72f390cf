// The fault matrix of a device on the model kernel.

import test from 'ava';
import { assertMatrix } from '../../../support/faults/assert-matrix.ts';
import { DEVICES, DeviceSubject } from '../../../support/faults/device-subject.ts';
import { MODES } from '../../../support/faults/faulty-transport.ts';

for (const operation of DEVICES) {
  test(operation.title, async (t) => {
    await assertMatrix(t, await DeviceSubject.make(), operation, { modes: MODES });
  });
}
