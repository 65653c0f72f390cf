// integrity: a tag for every sector, checked when it is read.
// Source: …/device-mapper/dm-integrity.rst, drivers/md/dm-integrity.c.

import { InputError } from '../errors.ts';
import type { Bytes, Sectors, SectorsInput } from '../units.ts';
import { choiceWord } from './checked-words.ts';
import {
  concealing,
  type KeyedAlgorithm,
  keyedAlgorithm,
  mayBeKey,
  secretText,
} from './key-words.ts';
import { type NoMessages, type TargetKind, targetKind } from './kind.ts';
import { colon, type ExtraWords, flag, OptionSet } from './options.ts';
import { device, integer, u64 } from './word-codecs.ts';
import { countWord, deviceWord, type ReportedIn, sectorsWord, Words } from './words.ts';
import { U32_MAX } from './write-words.ts';

const MODES = ['J', 'B', 'D', 'R', 'I'] as const;

/**
 * How data and tags are kept together: `J` in a journal, `B` by a bitmap of what is being written, `D` not at
 * all, `R` recovery (nothing is written or checked), `I` in the disk's own metadata.
 */
export type IntegrityMode = (typeof MODES)[number];

/** Optional parameters of an integrity target, in the order of kernels before 7.x. */
export interface IntegrityOptions extends ExtraWords {
  /** Keep tags, journal or bitmap on this device. @default the same device */
  readonly metaDevice?: string;
  /** Bytes that one tag covers: 512, 1024, 2048 or 4096. @default 512 */
  readonly blockSize?: Bytes<number>;
  /** Compute all tags in the background. @default false */
  readonly recalculate?: boolean;
  /** Begin computing all tags anew. @default false */
  readonly resetRecalculate?: boolean;
  /** Let discards through; needs an internal hash. @default false */
  readonly allowDiscards?: boolean;
  /** Let discards through with a keyed internal hash too. From Linux 7.x. @default false */
  readonly allowDiscardsKeyed?: boolean;
  /** Size of the journal in sectors. @default by the size of the device */
  readonly journalSectors?: Sectors<number>;
  /** Sectors of data between two runs of tags, a power of two. @default 32768 */
  readonly interleaveSectors?: Sectors<number>;
  /** Sectors of a metadata buffer, a power of two. @default 128 */
  readonly bufferSectors?: Sectors<number>;
  /** Percent of the journal at which it is written out: 0 to 100. @default 50 */
  readonly journalWatermark?: number;
  /** Milliseconds until the journal is committed. @default 10000 */
  readonly commitTime?: number;
  /** Sectors that one bit of the bitmap stands for; rounded down to a power of two. @default by the size */
  readonly sectorsPerBit?: SectorsInput;
  /** Milliseconds between two writings of the bitmap. @default 10000 */
  readonly bitmapFlushInterval?: number;
  /** The padding between tags as it should have been. @default false */
  readonly fixPadding?: boolean;
  /** A keyed hash that covers the sector number and the superblock too. @default false */
  readonly fixHmac?: boolean;
  /** Allow `recalculate` with a keyed hash, which is not safe. @default false */
  readonly legacyRecalculate?: boolean;
  /** Compute the tags here. @default tags come from the target above */
  readonly internalHash?: KeyedAlgorithm;
  /** Encrypt the journal. @default not */
  readonly journalCrypt?: KeyedAlgorithm;
  /** Authenticate the journal. @default not */
  readonly journalMac?: KeyedAlgorithm;
}

/** Parameters of an integrity target. */
export interface IntegrityParams extends IntegrityOptions {
  /** Where data and tags are: a path, or `major:minor`. Zero its first 4 KiB for a new one. */
  readonly device: string;
  /** Sectors at its beginning that are left alone. @default 0 */
  readonly reservedSectors?: SectorsInput;
  /** Bytes of a tag. @default the size of the internal hash */
  readonly tagSize?: Bytes<number>;
  readonly mode: IntegrityMode;
}

/** Parameters of an integrity target as its table reads back: a newer kernel may have other modes. */
export type ReportedIntegrity = ReportedIn<IntegrityParams, 'mode'>;

/** Status of an integrity target. */
export interface IntegrityStatus {
  /** Sectors whose tag was wrong since it was loaded. */
  readonly mismatches: bigint;
  /** Sectors there are: the most that its table may serve. */
  readonly providedDataSectors: Sectors;
  /** How far the computation of all tags has got; `undefined` when none is under way. */
  readonly recalcSector: Sectors | undefined;
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

const options = new OptionSet<IntegrityOptions>('integrity', {
  metaDevice: colon('meta_device', device),
  blockSize: colon('block_size', integer(512, 4096)),
  recalculate: flag('recalculate'),
  resetRecalculate: flag('reset_recalculate'),
  allowDiscards: flag('allow_discards'),
  allowDiscardsKeyed: flag('allow_discards_keyed'),
  journalSectors: colon('journal_sectors', integer(0, U32_MAX)),
  interleaveSectors: colon('interleave_sectors', integer(0, U32_MAX)),
  bufferSectors: colon('buffer_sectors', integer(1, U32_MAX)),
  journalWatermark: colon('journal_watermark', integer(0, 100)),
  commitTime: colon('commit_time', integer(0, U32_MAX)),
  sectorsPerBit: colon('sectors_per_bit', u64),
  bitmapFlushInterval: colon('bitmap_flush_interval', integer(0, U32_MAX)),
  fixPadding: flag('fix_padding'),
  fixHmac: flag('fix_hmac'),
  legacyRecalculate: flag('legacy_recalculate'),
  internalHash: colon('internal_hash', keyedAlgorithm),
  journalCrypt: colon('journal_crypt', keyedAlgorithm),
  journalMac: colon('journal_mac', keyedAlgorithm),
});

/** What goes together, as far as the kernel says so on every version. */
function check({ mode, tagSize, internalHash, ...params }: IntegrityParams): void {
  const needsHash = (needed: boolean, what: string): void => {
    if (!needed || internalHash !== undefined) return;
    const expected = `an internal hash, for ${what}`;
    throw new InputError({ field: 'integrity.internalHash', expected, received: undefined });
  };
  needsHash(tagSize === undefined, 'a tag of its size');
  needsHash(mode === 'B', 'mode B');
  needsHash(params.allowDiscards === true, 'discards');
  if (mode !== 'I') return;
  for (const field of ['metaDevice', 'journalCrypt', 'journalMac', 'allowDiscards'] as const) {
    if (!params[field]) continue;
    throw new InputError({ field: `integrity.${field}`, expected: 'nothing in mode I' });
  }
}

/** A tag for every sector, checked when it is read. Alone in its table. */
export const integrity: TargetKind<
  IntegrityParams,
  IntegrityStatus,
  NoMessages,
  ReportedIntegrity
> = targetKind<IntegrityParams, IntegrityStatus, NoMessages, ReportedIntegrity>('integrity', {
  conceal: concealing,
  isSecret: mayBeKey,
  formatParams: (params) => {
    const words = [
      deviceWord(params.device, 'integrity.device'),
      sectorsWord(params.reservedSectors ?? 0n, 'integrity.reservedSectors'),
      params.tagSize === undefined
        ? '-'
        : countWord(params.tagSize, 'integrity.tagSize', 0, U32_MAX),
      choiceWord(params.mode, 'integrity.mode', MODES),
    ];
    const optional = options.format(params);
    check(params);
    // In the order in which the options stand.
    const algorithms = [params.internalHash, params.journalCrypt, params.journalMac];
    const keys = algorithms.flatMap((algorithm) => algorithm?.key ?? []);
    return secretText([...words, optional.length, ...optional], keys);
  },
  readParams: (words) => {
    const device = words.word('device');
    const reservedSectors = words.u64('reserved sectors');
    const tagSize = words.next === '-' ? undefined : words.count('tag size');
    if (tagSize === undefined) words.word('tag size');
    return {
      device,
      reservedSectors,
      ...(tagSize !== undefined && { tagSize }),
      mode: words.word('mode'),
      ...options.parse(words.lastGroup('option')),
    };
  },
  parseStatus: (text) => {
    const words = new Words(text, 'integrity status');
    return {
      mismatches: words.u64('mismatches'),
      providedDataSectors: words.u64('provided data sectors'),
      recalcSector: words.more ? words.u64OrDash('recalculated sector') : undefined,
      extra: words.rest(),
    };
  },
  messages: {},
});
