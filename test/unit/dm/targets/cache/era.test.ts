import test from 'ava';
import { era } from '../../../../../src/dm/targets/cache/era.ts';
import { anyEra } from '../../../../support/arbitraries/targets/era.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const plain = { metadataDevice: '7:0', device: '7:1', blockSize: 128n };
const working = {
  state: 'working',
  metadataBlockSize: 8,
  metadata: { used: 11n, total: 16384n },
  era: 1,
  heldRoot: undefined,
  extra: [],
} as const;

testRows(era, {
  params: [['7:0 7:1 128', plain]],
  written: [[{ ...plain, blockSize: 24 }, '7:0 7:1 24']],
  notWritten: [
    [{ ...plain, blockSize: 0 }, 'era.blockSize'],
    [{ ...plain, blockSize: 12 }, 'era.blockSize'],
    [{ ...plain, blockSize: 2n ** 32n }, 'era.blockSize'],
    [{ ...plain, metadataDevice: 'm' }, 'era.metadataDevice'],
  ],
  noParams: [['7:0 7:1', 'era, block size']],
  status: [
    ['8 11/16384 1 -', working],
    [
      '8 11/16384 4294967295 15 new',
      { ...working, era: 4294967295, heldRoot: 15n, extra: ['new'] },
    ],
    ['Error', { state: 'error' }],
    ['Fail', { state: 'fail' }],
  ],
  noStatus: [
    ['8 11 1 -', 'era status, metadata blocks'],
    ['8 11/16384 1', 'era status, held root'],
    ['Failed', 'era status, metadata block size'],
  ],
});

testLaws(era, anyEra, ['8 11/16384 1 -', 'Error']);

test('messages', (t) => {
  t.is(era.messages.checkpoint(), 'checkpoint');
  t.is(era.messages.takeMetadataSnap(), 'take_metadata_snap');
  t.is(era.messages.dropMetadataSnap(), 'drop_metadata_snap');
});
