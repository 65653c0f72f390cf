import test from 'ava';
import { linear } from '../../../../../src/dm/targets/plain/linear.ts';
import { ReplyError } from '../../../../../src/dm/wire/errors.ts';
import { anyLinear } from '../../../../support/arbitraries/targets/linear.ts';
import { testLaws } from '../../../../support/target-tests.ts';

const ROWS = [
  [{ device: '7:0' }, '7:0 0'],
  [{ device: '7:0', offset: 384 }, '7:0 384'],
  [{ device: '/srv/à/no\u00a0break' }, '/srv/à/no\u00a0break 0'],
  [{ device: '/dev/sdb', offset: 2n ** 64n - 1n }, '/dev/sdb 18446744073709551615'],
] as const;

for (const [params, text] of ROWS) {
  test(`parameters ${text}`, (t) => {
    t.is(linear.formatParams(params), text);
    t.deepEqual(linear({ length: 8, ...params }), { length: 8, type: 'linear', params: text });
    t.is(linear.parseStatus(''), undefined);
  });
}

const DEVICE =
  'linear.device: expected a path that begins with "/" and has no blanks, or MAJOR:MINOR, got';
for (const [device, shown] of [
  ['sdb', '"sdb"'],
  ['', '""'],
  ['/', '"/"'],
  ['7:', '"7:"'],
  ['7:0 0', '"7:0 0"'],
  ['/dev/a\tb', '"/dev/a\\tb"'],
  [undefined, 'undefined'],
] as const) {
  test(`${shown} is not a device`, (t) => {
    t.throws(() => linear.formatParams({ device: device as string }), {
      message: `${DEVICE} ${shown}`,
    });
  });
}

for (const offset of [-1, 0.5, 2 ** 53, 2n ** 64n, Number.NaN]) {
  test(`${typeof offset} ${offset} is not an offset`, (t) => {
    t.throws(() => linear.formatParams({ device: '7:0', offset }), {
      code: 'ERR_DMTS_INPUT',
      message: /^linear\.offset: expected /,
    });
  });
}

for (const [text, message] of [
  ['7:0', 'linear, offset (word 2): expected a word, got undefined'],
  ['7:0 x', 'linear, offset (word 2): expected an unsigned 64-bit decimal number, got "x"'],
] as const) {
  test(`invalid parameters ${text}`, (t) => {
    t.is(t.throws(() => linear.parseParams(text), { instanceOf: ReplyError })?.problem, message);
  });
}

testLaws(linear, anyLinear);
