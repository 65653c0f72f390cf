// The kinds of option values, each parsed as in Docker. A parser returns `undefined` for an invalid value.

import type { Bytes } from '../../dm/text/units.ts';
import { U64_MAX } from '../../ioctl/struct/record.ts';
import { parseBinarySize } from './size-text.ts';

/** A kind of value: its parser, and a description for errors. */
export interface ValueKind<T> {
  readonly expected: string;
  readonly parse: (text: string) => T | undefined;
}

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];
const BLOCK_MIN = 64n * 1024n;
const BLOCK_MAX = 1024n ** 3n;

/** Source: strconv.ParseBool of Go. */
export const bool: ValueKind<boolean> = {
  expected: 'true or false',
  parse: (text) => (TRUE.includes(text) ? true : FALSE.includes(text) ? false : undefined),
};

/** A size in bytes, more than 0. */
export const size: ValueKind<Bytes> = {
  expected: 'a size such as 10G, 512MB or 64KiB, in powers of 1024',
  parse: (text) => parseBinarySize(text) || undefined,
};

/** The block size of a pool in bytes, as the kernel accepts it. Source: drivers/md/dm-thin.c. */
export const blockSize: ValueKind<Bytes> = {
  expected: 'a multiple of 64K, from 64K to 1G',
  parse: (text) => {
    const bytes = parseBinarySize(text);
    return bytes && bytes % BLOCK_MIN === 0n && bytes <= BLOCK_MAX ? bytes : undefined;
  },
};

/** Any text but an empty one. */
export const text = (expected: string): ValueKind<string> => ({
  expected,
  parse: (value) => value || undefined,
});

/** One of the given words. */
export const oneOf = <T extends string>(...words: readonly T[]): ValueKind<T> => ({
  expected: words.join(' or '),
  parse: (value) => words.find((word) => word === value),
});

/** A whole number from `least` to `most`. */
export const integer = (least: number, most: number): ValueKind<number> => ({
  expected: `a whole number from ${least} to ${most}`,
  parse: (value) => within(value, least, most),
});

/** An unsigned 64-bit number. */
export const u64: ValueKind<bigint> = {
  expected: 'a whole number, 0 or more',
  parse: (value) =>
    /^0*\d{1,20}$/.test(value) && BigInt(value) <= U64_MAX ? BigInt(value) : undefined,
};

/** A whole percentage from 0 to `most`. */
export const percent = (most: number, sign: 'required' | 'optional'): ValueKind<number> => ({
  expected: `a whole percentage from 0${sign === 'required' ? '%' : ''} to ${most}${sign === 'required' ? '%' : ''}`,
  parse: (value) => {
    if (sign === 'required' && !value.endsWith('%')) return undefined;
    return within(value.replace(/%$/, ''), 0, most);
  },
});

function within(digits: string, least: number, most: number): number | undefined {
  const value = Number(digits);
  return /^\d+$/.test(digits) && value >= least && value <= most ? value : undefined;
}
