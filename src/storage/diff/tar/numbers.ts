// Numbers in headers: octal digits, GNU tar's binary form, and decimal digits in PAX records.

import { DiffError } from '../tree/errors.ts';

/** The largest number of a field of `length` bytes, including its terminator. */
export const largest = (length: number): bigint => 8n ** BigInt(length - 1) - 1n;

/** Encodes a number as octal digits with leading zeros and a NUL. */
export const octal = (value: bigint, length: number): string =>
  `${value.toString(8).padStart(length - 1, '0')}\0`;

/** Decodes GNU tar's form for large and negative numbers: the first bit is set, the rest is two's complement. */
function base256(field: Buffer): bigint {
  const bits = field.length * 8 - 1;
  const value = BigInt(`0x${field.toString('hex')}`);
  return BigInt.asIntN(bits, value);
}

/**
 * Reads a number; `undefined` if the field has none. Blanks and NULs may precede the octal digits, and anything may
 * follow after a blank or NUL, as in GNU tar and Go.
 */
export function readNumber(field: Buffer): bigint | undefined {
  if (field[0]! & 0x80) return base256(field);
  const match = /^[ \0]*([0-7]*)(?:[ \0].*)?$/s.exec(field.toString('latin1'));
  return match ? BigInt(`0o${match[1] || '0'}`) : undefined;
}

/** Reads a number. @throws DiffError if the field has none */
export function parseNumber(field: Buffer, what: string): bigint {
  const number = readNumber(field);
  if (number !== undefined) return number;
  const text = JSON.stringify(field.toString('latin1'));
  const problem = `expected octal digits for ${what}, got ${text}`;
  throw new DiffError({ code: 'ERR_DIFF_TAR', problem });
}

/** 2^63-1 has 19 digits. Longer texts are refused, because their conversion takes more than linear time. */
const DIGITS_MAX = 19;

/** Parses a decimal number as Go's ParseInt does, with or without a sign; `undefined` for any other text. */
export function readDecimal(text: string): bigint | undefined {
  // In steps: a single pattern for sign, zeros and digits would backtrack over every split of the zeros.
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const digits = text.replace(/^[+-]/, '').replace(/^0+/, '');
  if (digits.length > DIGITS_MAX) return undefined;
  const value = BigInt(digits);
  return text.startsWith('-') ? -value : value;
}
