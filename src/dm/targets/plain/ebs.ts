// ebs: emulates a smaller logical block size than that of the device below.
// Source: Documentation/admin-guide/device-mapper/dm-ebs.rst, drivers/md/dm-ebs-target.c.

import type { SectorsInput } from '../../text/units.ts';
import { noStatus, type TargetKind, targetKind } from '../words/kind.ts';
import { deviceWord, sectorsWord } from '../words/words.ts';
import { powerOfTwoWord } from '../words/write-words.ts';

/** The largest power of two that fits the kernel's 16-bit field. */
const BLOCK_MAX = 2 ** 15;

/** Parameters of an ebs target. */
export interface EbsParams {
  /** A path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device: less than the target's length, a multiple of `underlyingSize`. @default 0 */
  readonly offset?: SectorsInput;
  /** The emulated block size in sectors: a power of two, at most a memory page. */
  readonly emulatedSize: SectorsInput;
  /** The block size used on the device below, in sectors: a power of two. @default the device's logical block size */
  readonly underlyingSize?: SectorsInput;
}

/** Emulates a smaller logical block size than that of the device below. Its status is empty. */
export const ebs: TargetKind<EbsParams> = targetKind<EbsParams>('ebs', {
  formatParams: ({ device, offset = 0n, emulatedSize, underlyingSize }: EbsParams) =>
    [
      deviceWord(device, 'ebs.device'),
      sectorsWord(offset, 'ebs.offset'),
      powerOfTwoWord(emulatedSize, 'ebs.emulatedSize', 1, BLOCK_MAX),
      ...(underlyingSize === undefined
        ? []
        : [powerOfTwoWord(underlyingSize, 'ebs.underlyingSize', 1, BLOCK_MAX)]),
    ].join(' '),
  readParams: (words) => ({
    device: words.word('device'),
    offset: words.u64('offset'),
    emulatedSize: words.u64('emulated size'),
    ...(words.more && { underlyingSize: words.u64('underlying size') }),
  }),
  parseStatus: noStatus,
  messages: {},
});
