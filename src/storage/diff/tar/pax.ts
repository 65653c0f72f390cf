// The records of a PAX extended header: `length key=value` and a newline. The length includes itself. Source: pax(1),
// pax Extended Header. Keys and values are bytes, one per character.

import { DiffError } from '../tree/errors.ts';
import { readDecimal } from './numbers.ts';
import { SPARSE } from './sparse-keys.ts';

/** Records by key. */
export type PaxRecords = ReadonlyMap<string, string>;

function encodeRecord(key: string, value: string): string {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  // The digits of the length can themselves add a digit.
  length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** Encodes records, in their order. */
export const encodePax = (records: PaxRecords): Buffer =>
  Buffer.from([...records].map(([key, value]) => encodeRecord(key, value)).join(''), 'latin1');

function bad(problem: string): never {
  throw new DiffError({ code: 'ERR_DIFF_TAR', problem: `extended header: ${problem}` });
}

/**
 * Parses records. If a key is repeated, the last one wins. The repeated records of GNU tar's sparse format 0.0 become
 * the single one of 0.1.
 * @throws DiffError
 */
export function parsePax(bytes: Buffer): PaxRecords {
  const text = bytes.toString('latin1');
  const records = new Map<string, string>();
  const map: string[] = [];
  for (let at = 0; at < text.length; ) {
    const space = text.indexOf(' ', at);
    const digits = space === -1 ? '' : text.slice(at, space);
    const length = readDecimal(digits);
    if (length === undefined || length <= 0n) bad('expected the length of a record');
    const end = at + Number(length);
    if (end > text.length || text[end - 1] !== '\n') bad('a record does not end at its length');
    const equals = text.indexOf('=', space + 1);
    if (equals <= space + 1 || equals >= end) bad('expected a key and a value');
    const key = text.slice(space + 1, equals);
    const value = text.slice(equals + 1, end - 1);
    if (key === SPARSE.offset || key === SPARSE.numBytes) {
      const expected = map.length % 2 === 0 ? SPARSE.offset : SPARSE.numBytes;
      if (key !== expected || value.includes(',')) bad(`expected ${expected}, got ${key}`);
      map.push(value);
    } else records.set(key, value);
    at = end;
  }
  if (map.length > 0) records.set(SPARSE.map, map.join(','));
  return records;
}

const NS_DIGITS = 9;

/** Encodes nanoseconds since 1970 as seconds with a fraction. */
export function encodeTime(time: bigint): string {
  const [sign, size] = time < 0n ? ['-', -time] : ['', time];
  const digits = String(size).padStart(NS_DIGITS + 1, '0');
  const fraction = digits.slice(-NS_DIGITS).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -NS_DIGITS)}${fraction && `.${fraction}`}`;
}

/** Parses a time, in nanoseconds since 1970. Fractions of a nanosecond are dropped. @throws DiffError */
export function parseTime(text: string): bigint {
  const [, seconds = '', fraction = ''] = /^([+-]?\d+)(?:\.(\d*))?$/.exec(text) ?? [];
  const whole = readDecimal(seconds);
  if (whole === undefined) bad(`expected a time, got ${JSON.stringify(text.slice(0, 100))}`);
  const rest = BigInt(fraction.slice(0, NS_DIGITS).padEnd(NS_DIGITS, '0'));
  return whole * 10n ** 9n + (seconds.startsWith('-') ? -rest : rest);
}

/** Parses a whole number. @throws DiffError */
export function parseWhole(text: string, what: string): bigint {
  const value = readDecimal(text);
  if (value !== undefined) return value;
  return bad(`expected a number for ${what}, got ${JSON.stringify(text.slice(0, 100))}`);
}
