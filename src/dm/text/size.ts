// Human-readable sizes: 10G, 64KiB, 512s. The arithmetic is exact, without floating-point numbers.

import { isOneOf, isText } from '../../ioctl/input/checks.ts';
import { InputError } from '../wire/errors.ts';
import { type Bytes, type BytesInput, SECTOR, bytes as wholeBytes } from './units.ts';

const PREFIXES = 'kmgtpe';

/** The unit of a formatted size. */
export type SizeUnit =
  /** The largest unit, in powers of 1024 (`h`) or 1000 (`H`), with a value of at least 1. */
  | 'h'
  | 'H'
  /** Bytes, sectors. */
  | 'b'
  | 's'
  /** Powers of 1024 in lower case, of 1000 in upper case, as in LVM. */
  | `${'k' | 'm' | 'g' | 't' | 'p' | 'e' | 'K' | 'M' | 'G' | 'T' | 'P' | 'E'}`;

const power = (base: bigint, prefix: string): bigint =>
  base ** BigInt(PREFIXES.indexOf(prefix.toLowerCase()) + 1);

/** The size of the unit `suffix` in bytes; `undefined` for an unknown unit. */
function bytesOf(suffix: string): bigint | undefined {
  if (suffix === '' || /^b$/i.test(suffix)) return 1n;
  if (/^s$/i.test(suffix)) return SECTOR;
  const match = /^([kmgtpe])(i?b)?$/i.exec(suffix);
  if (!match) return undefined;
  // 10k, 10K and 10KiB are binary; only 10KB and 10kB are decimal.
  const decimal = match[2] !== undefined && /^b$/i.test(match[2]);
  return power(decimal ? 1000n : 1024n, match[1]!);
}

/** At most 100 digits, more than any size has: BigInt takes more than linear time. */
const SIZE = /^(\d{1,100})(?:\.(\d{1,100}))?\s*([A-Za-z]*)$/;

/**
 * Parses a size to bytes: a decimal number, optionally with a fraction, and a unit. `k` to `E` and `KiB` to `EiB` are
 * powers of 1024, `kB` to `EB` of 1000, `s` means sectors of 512 bytes, `b` or no unit means bytes.
 * @throws InputError for any other text, and for a fraction of a byte
 */
export function parseSize(text: string, field = 'size'): Bytes {
  isText(text, field);
  const match = SIZE.exec(text.trim());
  const unit = match ? bytesOf(match[3]!) : undefined;
  if (!match || unit === undefined) {
    throw new InputError({
      field,
      expected: 'a size such as 10G, 64KiB, 1.5TB or 512s',
      received: text,
    });
  }
  const fraction = match[2] ?? '';
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(match[1]! + fraction) * unit;
  if (scaled % scale !== 0n) {
    throw new InputError({ field, expected: 'a whole number of bytes', received: text });
  }
  return scaled / scale;
}

const isUnit = isOneOf('h', 'H', 'b', 's', ...PREFIXES, ...PREFIXES.toUpperCase());

/** The number of decimal places. */
const DIGITS = 2;

/** Formats a quotient with two decimal places, rounded down. */
function quotient(bytes: bigint, unit: bigint): string {
  const hundredths = (bytes * 10n ** BigInt(DIGITS)) / unit;
  const text = hundredths.toString().padStart(DIGITS + 1, '0');
  return `${text.slice(0, -DIGITS)}.${text.slice(-DIGITS)}`;
}

/**
 * Formats a size in `unit`: `'1.50g'`, `'512b'`, `'3s'`. `'h'` and `'H'` select the largest unit with a value of at
 * least 1. Rounds down to two decimal places: 1 byte short of 1 GiB is `0.99g`, and with `'h'` `1023.99m`.
 */
export function formatSize(size: BytesInput, unit: SizeUnit = 'h', suffix = true): string {
  const bytes = wholeBytes(size);
  isUnit(unit, 'unit');
  if (unit === 'b') return `${bytes}${suffix ? 'b' : ''}`;
  if (unit === 's') {
    const exact = bytes % SECTOR === 0n;
    return `${exact ? bytes / SECTOR : quotient(bytes, SECTOR)}${suffix ? 's' : ''}`;
  }
  const base = unit === unit.toUpperCase() ? 1000n : 1024n;
  if (unit === 'h' || unit === 'H') {
    const fitting = [...PREFIXES].filter((prefix) => bytes >= power(base, prefix)).at(-1);
    if (fitting === undefined) return formatSize(bytes, 'b', suffix);
    const letter = unit === 'H' ? fitting.toUpperCase() : fitting;
    return `${quotient(bytes, power(base, fitting))}${suffix ? letter : ''}`;
  }
  return `${quotient(bytes, power(base, unit))}${suffix ? unit : ''}`;
}
