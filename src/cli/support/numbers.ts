// Whole numbers and sizes on the command line.

import { parseSize } from '../../dm/text/size.ts';
import { type Bytes, bytesToSectors, SECTOR, type Sectors } from '../../dm/text/units.ts';
import { UsageError } from './exit-status.ts';

/** Returns a parser of whole numbers from 0 to `most`; `what` names the value in the error. */
export const wholeNumber =
  (what: string, most: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value <= most) return value;
    throw new UsageError(
      `invalid ${what}: expected a whole number from 0 to ${most}, got ${JSON.stringify(text)}`,
    );
  };

/** Returns a parser of sizes; `what` names the value in the error. */
export const sizeInBytes =
  (what: string) =>
  (text: string): Bytes =>
    parseSize(text, what);

/** The same for sizes in whole sectors. */
export const sizeInSectors =
  (what: string) =>
  (text: string): Sectors =>
    wholeSectors(parseSize(text, what), what);

/** Converts bytes to sectors. @throws UsageError that shows the number as the user wrote it */
export function wholeSectors(bytes: Bytes, what: string): Sectors {
  if (bytes % SECTOR === 0n) return bytesToSectors(bytes, what);
  throw new UsageError(`invalid ${what}: expected a multiple of ${SECTOR} bytes, got ${bytes}`);
}

/** The size to grow to, or with a `+` the size to grow by. */
export interface Growth {
  readonly bytes: Bytes;
  readonly relative: boolean;
}

/** Returns a parser of `SIZE` or `+SIZE`. */
export const growth =
  (what: string) =>
  (text: string): Growth => {
    const relative = text.startsWith('+');
    return { bytes: parseSize(relative ? text.slice(1) : text, what), relative };
  };

/**
 * The new size, given a current size of `now` bytes in whole blocks.
 * @throws UsageError for a step of less than one block, which would change nothing
 */
export function grown(
  { now, block, what }: { readonly now: Bytes; readonly block: Bytes; readonly what: string },
  { bytes, relative }: Growth,
): Bytes {
  if (!relative) return bytes;
  if (bytes < block) {
    throw new UsageError(
      `invalid ${what}: expected a step of at least ${block} bytes, got +${bytes}`,
    );
  }
  return now + bytes;
}
