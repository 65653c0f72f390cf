import test from 'ava';
import { dust } from '../../../../../src/dm/targets/faults/dust.ts';
import {
  parseDustClear,
  parseDustCount,
  parseDustList,
  parseDustQuery,
} from '../../../../../src/dm/targets/faults/dust-replies.ts';
import { InputError, ReplyError } from '../../../../../src/dm/wire/errors.ts';
import { anyDust } from '../../../../support/arbitraries/targets/dust.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const plain = { device: '7:0', offset: 0n, blockSize: 512 };

testRows(dust, {
  params: [
    ['7:0 0 512', plain],
    ['7:0 64 1073741824', { device: '7:0', offset: 64n, blockSize: 2 ** 30 }],
  ],
  written: [[{ device: '/dev/sdb' }, '/dev/sdb 0 512']],
  notWritten: [
    [{ ...plain, blockSize: 256 }, 'dust.blockSize'],
    [{ ...plain, blockSize: 1000 }, 'dust.blockSize'],
    [{ ...plain, blockSize: 2 ** 31 }, 'dust.blockSize'],
    [{ ...plain, device: '' }, 'dust.device'],
  ],
  noParams: [['7:0 0', 'dust, block size']],
  status: [
    ['252:17 bypass verbose', { device: '252:17', failing: false, quiet: false, extra: [] }],
    [
      '252:17 fail_read_on_bad_block quiet new',
      { device: '252:17', failing: true, quiet: true, extra: ['new'] },
    ],
  ],
  noStatus: [['252:17 bypass', 'dust status, log']],
});

testLaws(dust, anyDust, ['252:17 bypass verbose']);

const { messages } = dust;
for (const [message, text] of [
  [messages.addBadBlock(60), 'addbadblock 60'],
  [messages.addBadBlock(60n, 255), 'addbadblock 60 255'],
  [messages.removeBadBlock(2n ** 64n - 1n), 'removebadblock 18446744073709551615'],
  [messages.queryBlock(0), 'queryblock 0'],
  [messages.countBadBlocks(), 'countbadblocks'],
  [messages.listBadBlocks(), 'listbadblocks'],
  [messages.clearBadBlocks(), 'clearbadblocks'],
  [messages.enable(), 'enable'],
  [messages.disable(), 'disable'],
  [messages.toggleQuiet(), 'quiet'],
] as const) {
  test(`message ${text}`, (t) => {
    t.is(message, text);
  });
}

test('a message with a number out of bounds is rejected', (t) => {
  t.throws(() => messages.addBadBlock(1, 256), { instanceOf: InputError, message: /^writeFails/ });
  t.throws(() => messages.queryBlock(-1), { instanceOf: InputError, message: /^block/ });
});

for (const [parse, text, answer] of [
  [parseDustQuery, 'dust_query_block: block 60 found in badblocklist', true],
  [parseDustQuery, 'dust_query_block: block 60 not found in badblocklist', false],
  [parseDustQuery, 'block 60 found in badblocklist', true],
  [parseDustCount, 'countbadblocks: 895 badblock(s) found', 895n],
  [parseDustCount, 'countbadblocks: 18446744073709551615 badblock(s) found', 2n ** 64n - 1n],
  [parseDustList, 'No blocks in badblocklist', []],
  [parseDustList, '1\n2\n18446744073709551615\n', [1n, 2n, 2n ** 64n - 1n]],
  [parseDustClear, 'dust_clear_badblocks: badblocks cleared', true],
  [parseDustClear, 'dust_clear_badblocks: no badblocks found', false],
] as const) {
  test(`reply ${JSON.stringify(text)}`, (t) => {
    t.deepEqual<unknown, unknown>(parse(text), answer);
  });
}

for (const [parse, text] of [
  [parseDustQuery, ''],
  [parseDustQuery, 'block x found in badblocklist'],
  [parseDustCount, 'countbadblocks: many badblock(s) found'],
  [parseDustCount, 'countbadblocks: 895'],
  [parseDustCount, 'countbadblocks: 18446744073709551616 badblock(s) found'],
  [parseDustList, '1\n0x2\n'],
  [parseDustClear, 'cleared'],
] as const) {
  test(`invalid reply for ${parse.name}: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => parse(text), { instanceOf: ReplyError, message: /^dust reply, / });
  });
}
