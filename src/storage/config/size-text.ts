// Parses and prints sizes as Docker does. Source: RAMInBytes and HumanSize of github.com/docker/go-units.

import type { Bytes } from '../../dm/text/units.ts';

const PREFIXES = ['k', 'm', 'g', 't', 'p'];
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Parses the size in an option: a decimal number with an optional `k`, `m`, `g`, `t` or `p` for powers of 1024, as in
 * `10G`, `10 gb` or `10GiB`. Fractions of a byte are dropped.
 * @returns the size in bytes; `undefined` for an invalid size
 */
export function parseBinarySize(text: string): Bytes | undefined {
  const match = /^(\d{1,100})(?:\.(\d{1,100}))? ?([kmgtp])?i?b?$/i.exec(text);
  if (!match) return undefined;
  const [, whole, fraction = '', prefix = ''] = match;
  const unit = 1024n ** BigInt(PREFIXES.indexOf(prefix.toLowerCase()) + 1);
  const bytes = (BigInt(whole + fraction) * unit) / 10n ** BigInt(fraction.length);
  return bytes > INT64_MAX ? undefined : bytes;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];

/** A size as `docker info` prints it: decimal, with four digits at most: `10.74GB`, `65.54kB`, `0B`. */
export function humanSize(bytes: Bytes): string {
  // Only four digits are printed, so the rounding of a 64-bit number to a double does not show.
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(4))}${UNITS[unit]}`;
}
