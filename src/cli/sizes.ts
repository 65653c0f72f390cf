// Sizes on the command line.

import { parseSize } from '../dm/size.ts';
import { type Bytes, bytesToSectors, type Sectors } from '../dm/units.ts';

/** Makes the parser of a size; `what` names it in the error. */
export const sizeInBytes =
  (what: string) =>
  (text: string): Bytes =>
    parseSize(text, what);

/** The same for a whole number of sectors. */
export const sizeInSectors =
  (what: string) =>
  (text: string): Sectors =>
    bytesToSectors(parseSize(text, what), what);

/** A size to grow to, or with a `+` one to grow by. */
export interface Growth {
  readonly bytes: Bytes;
  readonly relative: boolean;
}

/** Makes the parser of `SIZE` or `+SIZE`. */
export const growth =
  (what: string) =>
  (text: string): Growth => {
    const relative = text.startsWith('+');
    return { bytes: parseSize(relative ? text.slice(1) : text, what), relative };
  };

/** The size that something of `now` bytes is to have. */
export const grown = (now: Bytes, { bytes, relative }: Growth): Bytes =>
  relative ? now + bytes : bytes;
