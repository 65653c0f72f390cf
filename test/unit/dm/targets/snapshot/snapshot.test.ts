import { snapshot } from '../../../../../src/dm/targets/snapshot/snapshot.ts';
import { anySnapshot } from '../../../../support/arbitraries/targets/snapshot.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const plain = { origin: '7:0', cow: '7:1', store: 'P', chunkSize: 8n } as const;
const working = { state: 'working', total: 131072n, extra: [] } as const;

testRows(snapshot, {
  params: [
    ['7:0 7:1 P 8', plain],
    ['7:0 7:1 PO 16', { ...plain, store: 'PO', chunkSize: 16n }],
    ['7:0 7:1 N 8', { ...plain, store: 'N' }],
    ['7:0 7:1 P 0', { ...plain, chunkSize: 0n }],
    ['7:0 7:1 P 8 1 discard_zeroes_cow', { ...plain, discardZeroesCow: true }],
    [
      '7:0 7:1 P 8 2 discard_zeroes_cow discard_passdown_origin',
      { ...plain, discardZeroesCow: true, discardPassdownOrigin: true },
    ],
    [
      '7:0 7:1 P 8 2 discard_zeroes_cow other',
      { ...plain, discardZeroesCow: true, extra: ['other'] },
    ],
  ],
  read: [
    ['7:0 7:1 p 8 0', plain],
    ['7:0 7:1 po 8', { ...plain, store: 'PO' }],
    ['7:0 7:1 n 8 1 Discard_Zeroes_COW', { ...plain, store: 'N', discardZeroesCow: true }],
  ],
  written: [
    [{ origin: '/dev/a', cow: '/dev/b', store: 'P' }, '/dev/a /dev/b P 0'],
    [{ ...plain, chunkSize: 32, discardZeroesCow: false }, '7:0 7:1 P 32'],
  ],
  notWritten: [
    [{ ...plain, cow: '7:0' }, 'snapshot.cow'],
    [{ ...plain, store: 'X' as 'P' }, 'snapshot.store'],
    [{ ...plain, chunkSize: 12 }, 'snapshot.chunkSize'],
    [{ ...plain, chunkSize: 2 ** 22 }, 'snapshot.chunkSize'],
    [{ ...plain, chunkSize: 0.5 }, 'snapshot.chunkSize'],
    [{ ...plain, store: 'N', chunkSize: 0 }, 'snapshot.chunkSize'],
    [{ ...plain, discardPassdownOrigin: true }, 'snapshot.discardPassdownOrigin'],
  ],
  noParams: [
    ['7:0 7:1 P', 'snapshot, chunk size'],
    ['7:0 7:1 P 8 2 discard_zeroes_cow', 'snapshot, feature count'],
  ],
  status: [
    ['16/131072 16', { ...working, allocated: 16n, metadata: 16n }],
    ['0/131072 0', { ...working, allocated: 0n, metadata: 0n }],
    ['131080/131072 32', { ...working, allocated: 131080n, metadata: 32n }],
    ['16/131072', { ...working, allocated: 16n, metadata: undefined }],
    ['16/131072 16 new', { ...working, allocated: 16n, metadata: 16n, extra: ['new'] }],
    ['Invalid', { state: 'invalid' }],
    ['Overflow', { state: 'overflow' }],
    ['Merge failed', { state: 'merge-failed' }],
    ['Unknown', { state: 'unknown' }],
  ],
  noStatus: [
    ['', 'snapshot status, allocated sectors'],
    ['Merge', 'snapshot status, allocated sectors'],
    ...(['Invalid 0', 'Merge failed x', 'Overflow x', 'invalid'] as const).map(
      (text) =>
        [
          text,
          `snapshot status, allocated sectors (word 1): expected USED/TOTAL, got "${text.split(' ')[0]}"`,
        ] as const,
    ),
    ['16/131072/2 16', 'snapshot status, allocated sectors'],
    ['16/131072 x', 'snapshot status, metadata sectors'],
  ],
});

testLaws(snapshot, anySnapshot, ['16/131072 16', 'Invalid', 'Merge failed']);
