import test from 'ava';
import {
  formatDev,
  majorOf,
  makeDev,
  minorOf,
  parseDev,
} from '../../../../src/dm/wire/device-number.ts';
import { TEXT_LAWS } from '../../../support/arbitraries/codec-properties.ts';
import { proves } from '../../../support/arbitraries/runs.ts';

const ROWS = [
  [0x12345678n, 0x456, 0x12378, '1110:74616'],
  [0n, 0, 0, '0:0'],
  [0xfd00n, 253, 0, '253:0'],
  [0xfdffn, 253, 255, '253:255'],
  // The upper bits of the minor number are above the major number.
  [0x10fd00n, 253, 256, '253:256'],
  [0xfffffffn + 0xf0000000n, 4095, 1_048_575, '4095:1048575'],
] as const;

for (const [dev, major, minor, text] of ROWS) {
  test(`0x${dev.toString(16)} is ${text}`, (t) => {
    t.is(majorOf(dev), major);
    t.is(minorOf(dev), minor);
    t.is(formatDev(dev), text);
    t.is(makeDev(major, minor), dev);
    t.is(parseDev(text), dev);
  });
}

const NOT_MADE = [
  [-1, 0, 'major: expected an integer from 0 to 4095, got -1'],
  [4096, 0, 'major: expected an integer from 0 to 4095, got 4096'],
  [1.5, 0, 'major: expected an integer from 0 to 4095, got 1.5'],
  [Number.NaN, 0, 'major: expected an integer from 0 to 4095, got NaN'],
  [0, -1, 'minor: expected an integer from 0 to 1048575, got -1'],
  [0, 1_048_576, 'minor: expected an integer from 0 to 1048575, got 1048576'],
  [0, Number.POSITIVE_INFINITY, 'minor: expected an integer from 0 to 1048575, got Infinity'],
] as const;

for (const [major, minor, message] of NOT_MADE) {
  test(`makeDev rejects ${major} and ${minor}`, (t) => {
    t.throws(() => makeDev(major, minor), { code: 'ERR_DMTS_INPUT', message });
  });
}

const form = (text: string): string => `dev: expected MAJOR:MINOR, got ${JSON.stringify(text)}`;
const NOT_READ: readonly (readonly [string, string])[] = [
  ['', form('')],
  ['253', form('253')],
  ['253:', form('253:')],
  [':0', form(':0')],
  ['253:0:0', form('253:0:0')],
  [' 253:0', form(' 253:0')],
  ['253:0\n', form('253:0\n')],
  ['-1:0', form('-1:0')],
  ['+1:0', form('+1:0')],
  ['0xfd:0', form('0xfd:0')],
  ['1e2:0', form('1e2:0')],
  ['1234567890:0', form('1234567890:0')],
  ['4096:0', 'major: expected an integer from 0 to 4095, got 4096'],
  ['0:1048576', 'minor: expected an integer from 0 to 1048575, got 1048576'],
];

for (const [text, message] of NOT_READ) {
  test(`parseDev rejects ${JSON.stringify(text)}`, (t) => {
    t.throws(() => parseDev(text), { code: 'ERR_DMTS_INPUT', message });
  });
}

for (const law of TEXT_LAWS.filter(({ name }) => name.includes('device number'))) {
  test(law.name, (t) => proves(t, law, 500));
}
