// Values of the fields of an ioctl.

import fc from 'fast-check';
import type { DmHeader } from '../../../src/dm/wire/abi.ts';
import { U64_MAX } from '../../../src/ioctl/struct/record.ts';

/** An unsigned 32-bit integer. */
export const anyU32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffffffff });

/** A signed 32-bit integer. */
export const anyI32: fc.Arbitrary<number> = fc.integer();

/** An unsigned 64-bit integer, often one of the extremes or close to 2^53. */
export const anyU64: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: U64_MAX }),
  fc.constantFrom(0n, 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, U64_MAX),
);

/** The three numbers of a version. */
export const anyVersion: fc.Arbitrary<readonly [number, number, number]> = fc.tuple(
  anyU32,
  anyU32,
  anyU32,
);

const byteButNul = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));

/** Text of the kernel: one character per byte, no NUL. */
export const kernelText = (maxLength: number, minLength = 0): fc.Arbitrary<string> =>
  fc.string({ unit: byteButNul, minLength, maxLength });

/** Difficult input for mangling, decoders and regular expressions: escapes, parts of them, blanks, a byte order mark. */
const TRICKY = [
  ...'\\x25cFa/. é\u00a0\u2028\ufeff\u{1f600}\x1b',
  ...['\\x20', '\\x2f', '\\x5c', '\\x1b', '\\x00', '\\xff'],
];

/** First surrogate code point, and the number of them. */
const [SURROGATES, SURROGATE_COUNT] = [0xd800, 0x800];

/**
 * A character: any code point except surrogates. fast-check's own unit `'binary'` is the same, but takes half a second,
 * because it builds a table of all characters.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.nat(0x10ffff - SURROGATE_COUNT).map(
  (index) => String.fromCodePoint(index < SURROGATES ? index : index + SURROGATE_COUNT),
  (value) => {
    const [character, ...more] = typeof value === 'string' ? value : '';
    const code = character?.codePointAt(0);
    if (code === undefined || more.length > 0) throw new TypeError('expected one character');
    return code < SURROGATES ? code : code - SURROGATE_COUNT;
  },
);

/** Unicode text: any code points of a well-formed string. */
export const unicodeText = (maxLength: number, minLength = 0): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: anyCharacter, minLength, maxLength }),
    fc.string({ unit: 'grapheme', minLength, maxLength }),
    fc.string({ unit: fc.constantFrom(...TRICKY), minLength, maxLength }),
  );

/** A valid device number other than 0. */
export const anyDev: fc.Arbitrary<bigint> = fc.bigInt({ min: 1n, max: 0xffffffffn });

/** The header of a request or reply, with arbitrary fields. */
export const anyHeader: fc.Arbitrary<DmHeader> = fc.record(
  {
    version: anyVersion,
    dataSize: anyU32,
    dataStart: anyU32,
    targetCount: anyU32,
    openCount: anyI32,
    flags: anyU32,
    eventNr: anyU32,
    dev: anyU64,
    name: kernelText(127),
    uuid: kernelText(128),
  },
  { noNullPrototype: true },
);
