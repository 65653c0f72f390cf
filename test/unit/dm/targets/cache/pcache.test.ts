import test from 'ava';
import { pcache } from '../../../../../src/dm/targets/cache/pcache.ts';
import { InputError } from '../../../../../src/dm/wire/errors.ts';
import { anyPcache } from '../../../../support/arbitraries/targets/pcache.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const plain = { cacheDevice: '259:0', device: '8:16' };

testRows(pcache, {
  params: [
    ['259:0 8:16', plain],
    [
      '259:0 8:16 4 cache_mode writeback data_crc true',
      { ...plain, cacheMode: 'writeback', dataCrc: true },
    ],
    ['259:0 8:16 2 data_crc false', { ...plain, dataCrc: false }],
    ['259:0 8:16 4 data_crc true depth 9', { ...plain, dataCrc: true, extra: ['depth', '9'] }],
  ],
  read: [
    ['259:0 8:16 0', plain],
    // The kernel prints another word than it accepts.
    [
      '259:0 8:16 4 cache_mode writeback crc true',
      { ...plain, cacheMode: 'writeback', dataCrc: true },
    ],
    // The kernel compares case-sensitively.
    ['259:0 8:16 2 DATA_CRC true', { ...plain, extra: ['DATA_CRC', 'true'] }],
  ],
  notWritten: [
    [{ ...plain, cacheMode: 'writethrough' as 'writeback' }, 'pcache.cacheMode'],
    [{ ...plain, dataCrc: 'yes' as unknown as boolean }, 'pcache.dataCrc'],
    [{ ...plain, device: 'sdb' }, 'pcache.device'],
  ],
  noParams: [
    ['259:0', 'pcache, device'],
    ['259:0 8:16 1 data_crc', 'pcache, data_crc'],
    ['259:0 8:16 3 data_crc true', 'pcache, option count'],
  ],
  status: [
    [
      '1 64 60 3 70 c3 0:4096 1:8192 2:0 new',
      {
        superblockFlags: 1,
        segments: 64,
        cacheSegments: 60,
        usedSegments: 3,
        gcPercent: 70,
        cacheFlags: 0xc3,
        keyHead: { segment: 0n, offset: 4096n },
        dirtyTail: { segment: 1n, offset: 8192n },
        keyTail: { segment: 2n, offset: 0n },
        extra: ['new'],
      },
    ],
  ],
  noStatus: [
    ['', 'pcache status, superblock flags'],
    ['0x1 64 60 3 70 c3 0:4096 1:8192 2:0', 'pcache status, superblock flags'],
    ['1 64 60 3 70 c3 0:4096 1:8192 2/0', 'pcache status, key tail'],
    ['1 64 60 3 70 c3 0:4096', 'pcache status, dirty tail'],
  ],
});

testLaws(pcache, anyPcache, ['1 64 60 3 70 c3 0:4096 1:8192 2:0']);

test('messages', (t) => {
  t.is(pcache.messages.gcPercent(0), 'gc_percent 0');
  t.is(pcache.messages.gcPercent(90), 'gc_percent 90');
  t.throws(() => pcache.messages.gcPercent(91), { instanceOf: InputError, message: /^percent/ });
});
