import { snapshotOrigin } from '../../../../../src/dm/targets/snapshot/snapshot-origin.ts';
import { anySnapshotOrigin } from '../../../../support/arbitraries/targets/snapshot-origin.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

testRows(snapshotOrigin, {
  params: [['7:0', { device: '7:0' }]],
  notWritten: [[{ device: '/dev/a b' }, 'snapshot-origin.device']],
  noParams: [['', 'snapshot-origin, device']],
  status: [['', undefined]],
});

testLaws(snapshotOrigin, anySnapshotOrigin);
