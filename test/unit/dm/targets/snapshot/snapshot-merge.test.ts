import { snapshotMerge } from '../../../../../src/dm/targets/snapshot/snapshot-merge.ts';
import { anySnapshot } from '../../../../support/arbitraries/targets/snapshot.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const plain = { origin: '7:0', cow: '7:1', store: 'P', chunkSize: 8n } as const;

testRows(snapshotMerge, {
  params: [['7:0 7:1 P 8', plain]],
  notWritten: [[{ ...plain, cow: '7:0' }, 'snapshot-merge.cow']],
  noParams: [['7:0 7:1 P', 'snapshot-merge, chunk size']],
  status: [
    [
      '16/131072 16',
      { state: 'working', allocated: 16n, total: 131072n, metadata: 16n, extra: [] },
    ],
    ['Merge failed', { state: 'merge-failed' }],
    ['Invalid', { state: 'invalid' }],
    ['Overflow', { state: 'overflow' }],
    [
      '16/131072',
      { state: 'working', allocated: 16n, total: 131072n, metadata: undefined, extra: [] },
    ],
  ],
  noStatus: [['Merged', 'snapshot-merge status, ']],
});

testLaws(snapshotMerge, anySnapshot, ['16/131072 16', 'Merge failed']);
