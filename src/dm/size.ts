// Sizes as people write them, exactly: 10G, 64KiB, 512s. No float ever carries one.

import { isOneOf, isText } from '../ioctl/checks.ts';
import { InputError } from './errors.ts';
import { type Bytes, type BytesInput, bytes as wholeBytes } from './units.ts';

const SECTOR = 512n;
const PREFIXES = 'kmgtpe';

/** How a size is printed. */
export type SizeUnit =
  /** The largest unit, powers of 1024 (`h`) or 1000 (`H`), that gives at least one. */
  | 'h'
  | 'H'
  /** Bytes, sectors. */
  | 'b'
  | 's'
  /** Powers of 1024 in lower case, of 1000 in upper case: lvm's habit. */
  | `${'k' | 'm' | 'g' | 't' | 'p' | 'e' | 'K' | 'M' | 'G' | 'T' | 'P' | 'E'}`;

const power = (base: bigint, prefix: string): bigint =>
  base ** BigInt(PREFIXES.indexOf(prefix.toLowerCase()) + 1);

/** Bytes of one `suffix`, or `undefined` for none that we know. */
function bytesOf(suffix: string): bigint | undefined {
  if (suffix === '' || /^b$/i.test(suffix)) return 1n;
  if (/^s$/i.test(suffix)) return SECTOR;
  const match = /^([kmgtpe])(i?b)?$/i.exec(suffix);
  if (!match) return undefined;
  // 10k, 10K, 10KiB are 1024 each; only what says so is decimal: 10KB, 10kB.
  const decimal = match[2] !== undefined && /^b$/i.test(match[2]);
  return power(decimal ? 1000n : 1024n, match[1]!);
}

/** More digits than any size has: BigInt takes more than linear time for them. */
const SIZE = /^(\d{1,100})(?:\.(\d{1,100}))?\s*([A-Za-z]*)$/;

/**
 * The bytes of a size: a decimal number, possibly with a fraction, and a unit. `k` to `E` and `KiB` to `EiB` are
 * powers of 1024, `kB` to `EB` of 1000, `s` are sectors of 512 bytes, `b` or nothing are bytes.
 * @throws InputError for anything else, and for a size that is no whole number of bytes
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

/** Digits behind the point. */
const DIGITS = 2;

/** A quotient with two digits, rounded down to what is certainly there. */
function quotient(bytes: bigint, unit: bigint): string {
  const hundredths = (bytes * 10n ** BigInt(DIGITS)) / unit;
  const text = hundredths.toString().padStart(DIGITS + 1, '0');
  return `${text.slice(0, -DIGITS)}.${text.slice(-DIGITS)}`;
}

/**
 * A size in `unit`: `'1.50g'`, `'512b'`, `'3s'`. `'h'` and `'H'` choose the largest unit that gives at least one.
 * Two digits, never more than there is: 1 byte short of 1 GiB is `0.99g`, and with `'h'` `1023.99m`.
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
