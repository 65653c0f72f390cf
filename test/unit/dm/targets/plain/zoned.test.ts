import test from 'ava';
import { zoned } from '../../../../../src/dm/targets/plain/zoned.ts';
import { anyZoned } from '../../../../support/arbitraries/targets/zoned.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const disk = {
  random: { unmapped: 3n, total: 4n },
  sequential: { unmapped: 50n, total: 60n },
};

testRows(zoned, {
  params: [
    ['7:0', { devices: ['7:0'] }],
    ['7:0 252:0 252:16', { devices: ['7:0', '252:0', '252:16'] }],
  ],
  notWritten: [
    [{ devices: [] }, 'zoned.devices'],
    [{ devices: ['7:0', 'x'] }, 'zoned.devices[1]'],
  ],
  noParams: [['', 'zoned, device']],
  status: [
    [
      '64 zones 0/0 cache 3/4 random 50/60 sequential',
      { zones: 64n, cache: { unmapped: 0n, total: 0n }, disks: [disk], extra: [] },
    ],
    [
      '128 zones 9/10 cache 3/4 random 50/60 sequential 3/4 random 50/60 sequential new',
      { zones: 128n, cache: { unmapped: 9n, total: 10n }, disks: [disk, disk], extra: ['new'] },
    ],
    [
      '64 zones 3/4 random 50/60 sequential',
      { zones: 64n, cache: undefined, disks: [disk], extra: [] },
    ],
    [
      '10 zones 9/10 cache',
      { zones: 10n, cache: { unmapped: 9n, total: 10n }, disks: [], extra: [] },
    ],
  ],
  noStatus: [
    ['64', 'zoned status, zones'],
    ['64 zones', 'zoned status, cache zones'],
    ['64 zones 0/0 cash', 'zoned status, cache zones'],
    ['64 zones 0/0 cache 3/4 random', 'zoned status, sequential zones'],
    ['64 zones 0/0 cache 3/4 sequential 1/2 random', 'zoned status, random zones'],
  ],
});

testLaws(zoned, anyZoned, [
  '64 zones 0/0 cache 3/4 random 50/60 sequential',
  '64 zones 3/4 random 50/60 sequential',
]);

test('messages', (t) => {
  t.is(zoned.messages.reclaim(), 'reclaim');
});
