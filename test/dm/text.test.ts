import test from 'ava';
import { fromKernel, toKernel } from '../../src/dm/text.ts';
import { TEXT_LAWS } from '../arbitraries/codec-properties.ts';
import { proves } from '../arbitraries/runs.ts';

// Text, and its bytes as one character each.
const ROWS = [
  ['', ''],
  ['pool-1', 'pool-1'],
  ['é', '\xc3\xa9'],
  ['日本', '\xe6\x97\xa5\xe6\x9c\xac'],
  ['😀', '\xf0\x9f\x98\x80'],
  ['\u0080', '\xc2\x80'],
  ['\\xff', '\\xff'],
  ['\0', '\0'],
  // A decoder swallows a byte order mark unless told not to: two devices were shown under one name.
  ['\ufeffa', '\xef\xbb\xbfa'],
] as const;

for (const [text, bytes] of ROWS) {
  test(`${JSON.stringify(text)} as bytes and back`, (t) => {
    t.is(toKernel(text), bytes);
    t.is(fromKernel(bytes), text);
  });
}

// Bytes that are no UTF-8, and how they are shown.
const INVALID = [
  ['\xff', '\\xff'],
  ['a\x80b', 'a\\x80b'],
  ['\xc3', '\\xc3'],
  ['\xc3\xa9\xff', '\\xc3\\xa9\\xff'],
  // An overlong NUL, a surrogate, a code point past the last one.
  ['\xc0\x80', '\\xc0\\x80'],
  ['\xed\xa0\x80', '\\xed\\xa0\\x80'],
  ['\xf4\x90\x80\x80', '\\xf4\\x90\\x80\\x80'],
] as const;

for (const [bytes, shown] of INVALID) {
  test(`bytes that are no UTF-8 are shown: ${shown}`, (t) => t.is(fromKernel(bytes), shown));
}

for (const law of TEXT_LAWS.filter(({ name }) => /^(text|bytes)/.test(name))) {
  test(law.name, (t) => proves(t, law, 500));
}
