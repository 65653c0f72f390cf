// Sizes on the command line.

import { parseSize } from '../dm/size.ts';
import { type Bytes, bytesToSectors, type Sectors } from '../dm/units.ts';

/** Returns a parser of sizes; `what` names the value in the error. */
export const sizeInBytes =
  (what: string) =>
  (text: string): Bytes =>
    parseSize(text, what);

/** The same for sizes in whole sectors. */
export const sizeInSectors =
  (what: string) =>
  (text: string): Sectors =>
    bytesToSectors(parseSize(text, what), what);

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

/** The new size, given a current size of `now` bytes. */
export const grown = (now: Bytes, { bytes, relative }: Growth): Bytes =>
  relative ? now + bytes : bytes;
