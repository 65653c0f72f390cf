// integrity: stores a tag for every sector and checks it on reads.
// Source: …/device-mapper/dm-integrity.rst, drivers/md/dm-integrity.c.

import type { Bytes, Sectors, SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { choiceWord } from '../words/checked-words.ts';
import {
  concealing,
  type KeyedAlgorithm,
  keyedAlgorithm,
  mayBeKey,
  secretText,
} from '../words/key-words.ts';
import { type NoMessages, type TargetKind, targetKind } from '../words/kind.ts';
import { colon, type ExtraWords, flag, OptionSet } from '../words/options.ts';
import { device, integer, u64 } from '../words/word-codecs.ts';
import { countWord, deviceWord, type ReportedIn, sectorsWord, Words } from '../words/words.ts';
import { U32_MAX } from '../words/write-words.ts';

const MODES = ['J', 'B', 'D', 'R', 'I'] as const;

/**
 * How data and tags stay consistent: `J` journal, `B` bitmap of regions being written, `D` direct writes without
 * protection, `R` recovery (no writes, no checks), `I` tags inline in the disk's own metadata.
 */
export type IntegrityMode = (typeof MODES)[number];

/** Optional parameters of an integrity target, in the order of kernels before 7.x. */
export interface IntegrityOptions extends ExtraWords {
  /** The device for tags, journal or bitmap. @default the data device */
  readonly metaDevice?: string;
  /** Bytes per tag: 512, 1024, 2048 or 4096. @default 512 */
  readonly blockSize?: Bytes<number>;
  /** Compute all tags in the background. @default false */
  readonly recalculate?: boolean;
  /** Restart the computation of all tags. @default false */
  readonly resetRecalculate?: boolean;
  /** Allow discards; needs an internal hash. @default false */
  readonly allowDiscards?: boolean;
  /** Allow discards also with a keyed internal hash. Since Linux 7.x. @default false */
  readonly allowDiscardsKeyed?: boolean;
  /** Size of the journal in sectors. @default depends on the size of the device */
  readonly journalSectors?: Sectors<number>;
  /** Sectors of data between two areas of tags, a power of two. @default 32768 */
  readonly interleaveSectors?: Sectors<number>;
  /** Size of a metadata buffer in sectors, a power of two. @default 128 */
  readonly bufferSectors?: Sectors<number>;
  /** Usage of the journal in percent at which its write-out starts: 0 to 100. @default 50 */
  readonly journalWatermark?: number;
  /** Milliseconds until a commit of the journal. @default 10000 */
  readonly commitTime?: number;
  /** Sectors per bit of the bitmap; rounded down to a power of two. @default depends on the size of the device */
  readonly sectorsPerBit?: SectorsInput;
  /** Milliseconds between two flushes of the bitmap. @default 10000 */
  readonly bitmapFlushInterval?: number;
  /** Use the corrected, smaller padding of tag areas. @default false */
  readonly fixPadding?: boolean;
  /** Let a keyed hash also cover the sector number and the superblock. @default false */
  readonly fixHmac?: boolean;
  /** Allow `recalculate` with a keyed hash, which is insecure. @default false */
  readonly legacyRecalculate?: boolean;
  /** Algorithm with which this target computes the tags. @default the target above supplies the tags */
  readonly internalHash?: KeyedAlgorithm;
  /** Cipher of the journal. @default not encrypted */
  readonly journalCrypt?: KeyedAlgorithm;
  /** Authentication of the journal. @default not authenticated */
  readonly journalMac?: KeyedAlgorithm;
}

/** Parameters of an integrity target. */
export interface IntegrityParams extends IntegrityOptions {
  /** The device with data and tags: a path, or `major:minor`. To format it, zero its first 4 KiB. */
  readonly device: string;
  /** Sectors at the beginning of the device that the target does not use. @default 0 */
  readonly reservedSectors?: SectorsInput;
  /** Size of a tag in bytes. @default the size of the internal hash */
  readonly tagSize?: Bytes<number>;
  readonly mode: IntegrityMode;
}

/** Parameters of an integrity target, read from its table: a newer kernel may have other modes. */
export type ReportedIntegrity = ReportedIn<IntegrityParams, 'mode'>;

/** Status of an integrity target. */
export interface IntegrityStatus {
  /** Number of tag mismatches since the table was loaded. */
  readonly mismatches: bigint;
  /** Sectors available for data: the maximum length of the target. */
  readonly providedDataSectors: Sectors;
  /** Progress of the computation of all tags; `undefined` if none is running. */
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

/** Checks combinations of parameters that every kernel version rejects. @throws InputError */
function check({ mode, tagSize, internalHash, ...params }: IntegrityParams): void {
  const needsHash = (needed: boolean, what: string): void => {
    if (!needed || internalHash !== undefined) return;
    const expected = `an internal hash for ${what}`;
    throw new InputError({ field: 'integrity.internalHash', expected, received: undefined });
  };
  needsHash(tagSize === undefined, 'the default tag size');
  needsHash(mode === 'B', 'mode B');
  needsHash(params.allowDiscards === true, 'discards');
  if (mode !== 'I') return;
  for (const field of ['metaDevice', 'journalCrypt', 'journalMac', 'allowDiscards'] as const) {
    if (!params[field]) continue;
    throw new InputError({ field: `integrity.${field}`, expected: 'no value in mode I' });
  }
}

/** Stores a tag for every sector and checks it on reads. Must be the only target of its table. */
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
    // In the order of the options.
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
