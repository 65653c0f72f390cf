import test from 'ava';
import { fromDigits, fromKernel, toKernel } from '../../../../src/dm/wire/text.ts';
import { TEXT_LAWS } from '../../../support/arbitraries/codec-properties.ts';
import { proves } from '../../../support/arbitraries/runs.ts';

// Text, and its bytes as one character per byte.
const ROWS = [
  ['', ''],
  ['pool-1', 'pool-1'],
  ['é', '\xc3\xa9'],
  ['日本', '\xe6\x97\xa5\xe6\x9c\xac'],
  ['😀', '\xf0\x9f\x98\x80'],
  ['\u0080', '\xc2\x80'],
  ['\\xff', '\\xff'],
  ['\0', '\0'],
  // Regression test: the decoder dropped a byte order mark, so that two devices were shown with one name.
  ['\ufeffa', '\xef\xbb\xbfa'],
] as const;

for (const [text, bytes] of ROWS) {
  test(`toKernel and fromKernel of ${JSON.stringify(text)}`, (t) => {
    t.is(toKernel(text), bytes);
    t.is(fromKernel(bytes), text);
  });
}

// Invalid UTF-8, and its display form.
const INVALID = [
  ['\xff', '\\xff'],
  ['a\x80b', 'a\\x80b'],
  ['\xc3', '\\xc3'],
  ['\xc3\xa9\xff', '\\xc3\\xa9\\xff'],
  // An overlong NUL, a surrogate, a code point beyond the last one.
  ['\xc0\x80', '\\xc0\\x80'],
  ['\xed\xa0\x80', '\\xed\\xa0\\x80'],
  ['\xf4\x90\x80\x80', '\\xf4\\x90\\x80\\x80'],
] as const;

for (const [bytes, shown] of INVALID) {
  test(`fromKernel of invalid UTF-8: ${shown}`, (t) => t.is(fromKernel(bytes), shown));
}

// Numbers that a `number` holds exactly, and the first ones that it does not.
for (const digits of ['0', '007', '999999999999999', '9007199254740993', '18446744073709551615']) {
  test(`the digits ${digits} are converted exactly`, (t) =>
    t.is(fromDigits(digits), BigInt(digits)));
}

for (const law of TEXT_LAWS.filter(({ name }) => /^(text|bytes)/.test(name))) {
  test(law.name, (t) => proves(t, law, 500));
}
