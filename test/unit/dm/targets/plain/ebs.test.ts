import { ebs } from '../../../../../src/dm/targets/plain/ebs.ts';
import { anyEbs } from '../../../../support/arbitraries/targets/ebs.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const plain = { device: '7:0', offset: 0n, emulatedSize: 1n };

testRows(ebs, {
  params: [
    ['7:0 0 1', plain],
    ['7:0 1024 2 8', { device: '7:0', offset: 1024n, emulatedSize: 2n, underlyingSize: 8n }],
  ],
  written: [[{ device: '/dev/sda', emulatedSize: 8 }, '/dev/sda 0 8']],
  notWritten: [
    [{ ...plain, emulatedSize: 0 }, 'ebs.emulatedSize'],
    [{ ...plain, emulatedSize: 3 }, 'ebs.emulatedSize'],
    [{ ...plain, underlyingSize: 65536 }, 'ebs.underlyingSize'],
    [{ ...plain, offset: 0.5 }, 'ebs.offset'],
  ],
  noParams: [
    ['7:0 0', 'ebs, emulated size'],
    ['7:0 0 1 eight', 'ebs, underlying size'],
  ],
  status: [['', undefined]],
});

testLaws(ebs, anyEbs);
