import { delay } from '../../../../../src/dm/targets/plain/delay.ts';
import { anyDelay } from '../../../../support/arbitraries/targets/delay.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const read = { device: '7:0', offset: 0n, delayMs: 5 };
const write = { device: '7:1', offset: 0n, delayMs: 10 };
const flush = { device: '7:2', offset: 8n, delayMs: 0 };

testRows(delay, {
  params: [
    ['7:0 0 5', { read }],
    ['7:0 0 5 7:1 0 10', { read, write }],
    ['7:0 0 5 7:1 0 10 7:2 8 0', { read, write, flush }],
  ],
  written: [[{ read: { device: '/dev/sdb' } }, '/dev/sdb 0 0']],
  notWritten: [
    [{ read, flush }, 'delay.write'],
    [{ read: { ...read, delayMs: -1 } }, 'delay.read.delayMs'],
    [{ read: { ...read, delayMs: 2 ** 32 } }, 'delay.read.delayMs'],
    [{ read, write: { ...write, device: 'sdb' } }, 'delay.write.device'],
    [{ read, write, flush: { ...flush, offset: -1n } }, 'delay.flush.offset'],
  ],
  noParams: [
    ['', 'delay, read device'],
    ['7:0 0', 'delay, read delay'],
    ['7:0 0 5 7:1', 'delay, write offset'],
    ['7:0 0 5 7:1 0 10 7:2 8', 'delay, flush delay'],
    ['7:0 0x10 5', 'delay, read offset'],
    ['7:0 0 -5', 'delay, read delay'],
  ],
  status: [
    ['0 0 0', { reads: 0, writes: 0, flushes: 0, extra: [] }],
    ['3 2', { reads: 3, writes: 2, flushes: undefined, extra: [] }],
    ['1 2 3 4', { reads: 1, writes: 2, flushes: 3, extra: ['4'] }],
  ],
  noStatus: [
    ['', 'delay status, reads'],
    ['1', 'delay status, writes'],
    ['1 2 x', 'delay status, flushes'],
  ],
});

testLaws(delay, anyDelay, ['0 0 0', '3 2']);
