// unstriped: presents one stripe of a striped device as a device.
// Source: Documentation/admin-guide/device-mapper/unstriped.rst, drivers/md/dm-unstripe.c.

import type { SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { noStatus, type TargetKind, targetKind } from '../words/kind.ts';
import { countWord, deviceWord, sectorsWord, type Words } from '../words/words.ts';
import { boundedWord, U32_MAX } from '../words/write-words.ts';

/** Parameters of an unstriped target. Its length must be a multiple of the chunk size. */
export interface UnstripedParams {
  /** Number of stripes of the device. */
  readonly stripes: number;
  /** Size of a chunk in sectors; before version 1.1 a power of two. */
  readonly chunkSize: SectorsInput;
  /** The stripe to present, from 0. */
  readonly stripe: number;
  /** The striped device: a path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
}

/** Reads an unsigned number. The kernel prints it as a signed one, negative from 2^31 on. */
function unsigned(words: Words, field: string): number {
  const value = words.integer(field);
  if (value < -(2 ** 31)) words.refuse(field, 'an unsigned 32-bit number', String(value));
  return value < 0 ? value + U32_MAX + 1 : value;
}

/** Presents one stripe of a striped device. Its status is empty. */
export const unstriped: TargetKind<UnstripedParams> = targetKind<UnstripedParams>('unstriped', {
  formatParams: ({ stripes, chunkSize, stripe, device, offset = 0n }: UnstripedParams) => {
    const words = [
      countWord(stripes, 'unstriped.stripes', 1, U32_MAX),
      boundedWord(chunkSize, 'unstriped.chunkSize', 1, U32_MAX),
      countWord(stripe, 'unstriped.stripe', 0, U32_MAX),
      deviceWord(device, 'unstriped.device'),
      sectorsWord(offset, 'unstriped.offset'),
    ];
    // The kernel accepts stripe = stripes and maps it to the next row.
    if (stripe >= stripes) {
      const expected = `less than stripes, ${stripes}`;
      throw new InputError({ field: 'unstriped.stripe', expected, received: stripe });
    }
    return words.join(' ');
  },
  readParams: (words) => ({
    stripes: unsigned(words, 'stripes'),
    chunkSize: words.u64('chunk size'),
    stripe: unsigned(words, 'stripe'),
    device: words.word('device'),
    offset: words.u64('offset'),
  }),
  parseStatus: noStatus,
  messages: {},
});
