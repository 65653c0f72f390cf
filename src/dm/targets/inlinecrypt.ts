// inlinecrypt: encryption by the disk's own engine, or by blk-crypto in its place. New in Linux 7.x.
// Source: …/device-mapper/dm-inlinecrypt.rst, drivers/md/dm-inlinecrypt.c.

import { InputError } from '../errors.ts';
import type { SecretKey } from '../secret-key.ts';
import type { Bytes, Sectors, SectorsInput } from '../units.ts';
import { plainWord } from './checked-words.ts';
import { sectorSize } from './crypt.ts';
import { concealing, keyWord, mayBeKey, secretText, takeKey } from './key-words.ts';
import { type NoMessages, noStatus, type TargetKind, targetKind } from './kind.ts';
import { colon, type ExtraWords, flag, OptionSet } from './options.ts';
import { choice } from './word-codecs.ts';
import { deviceWord, type Reported, type ReportedIn, sectorsWord, type Words } from './words.ts';
import { lastGroupWords } from './write-words.ts';

/** Optional parameters of an inlinecrypt target. */
export interface InlinecryptOptions extends ExtraWords {
  /** What the key is: the key itself, or one that only the hardware can unwrap. @default 'raw' */
  readonly keyType?: 'raw' | 'hw-wrapped';
  /** Pass discards on: they show which blocks are in use. @default false */
  readonly allowDiscards?: boolean;
  /** Bytes encrypted at once: 512, 1024, 2048 or 4096; other than 512 it needs `ivLargeSectors`. @default 512 */
  readonly sectorSize?: Bytes<number>;
  /** Count IVs in units of `sectorSize`; the target knows no other way. @default false */
  readonly ivLargeSectors?: boolean;
}

/** Parameters of an inlinecrypt target. */
export interface InlinecryptParams extends InlinecryptOptions {
  /** The kernel knows one. @default 'aes-xts-plain64' */
  readonly cipher?: string;
  /** 64 bytes for a raw key, or a `logon` key in a keyring. */
  readonly key: SecretKey;
  /** Sectors added to the sector's number before the IV is made; a multiple of `sectorSize`. @default 0 */
  readonly ivOffset?: SectorsInput;
  /** Where the encrypted data is: a path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
}

/** Parameters of an inlinecrypt target as its table reads back: a newer kernel may have other key types. */
export type ReportedInlinecrypt = ReportedIn<InlinecryptParams, 'keyType'>;

const options = new OptionSet<InlinecryptOptions, ReportedInlinecrypt>('inlinecrypt', {
  keyType: colon('keytype', choice('raw', 'hw-wrapped')),
  allowDiscards: flag('allow_discards'),
  sectorSize: colon('sector_size', sectorSize),
  ivLargeSectors: flag('iv_large_sectors'),
});

/** `enum blk_crypto_key_type`, which the kernel prints where it takes no number. */
const KEY_TYPES: ReadonlyMap<bigint, 'raw' | 'hw-wrapped'> = new Map([
  [1n, 'raw'],
  [2n, 'hw-wrapped'],
]);

/** The IV offset, and the key type that a table read back has before it. */
function takeIvOffset(words: Words): {
  readonly ivOffset: Sectors;
  readonly keyType?: Reported<'raw' | 'hw-wrapped'>;
} {
  const first = words.u64('IV offset');
  if (!/^\d+$/.test(words.next ?? '')) return { ivOffset: first };
  const keyType = KEY_TYPES.get(first) ?? String(first);
  return { ivOffset: words.u64('IV offset'), keyType };
}

/**
 * Encryption by the disk's own engine, or by blk-crypto in its place. Its status is empty. The kernel's table is
 * not what it takes, with the key's type as a number in the middle: `parseParams` reads either.
 */
export const inlinecrypt: TargetKind<
  InlinecryptParams,
  undefined,
  NoMessages,
  ReportedInlinecrypt
> = targetKind<InlinecryptParams, undefined, NoMessages, ReportedInlinecrypt>('inlinecrypt', {
  conceal: concealing,
  isSecret: mayBeKey,
  formatParams: (params) => {
    const { cipher = 'aes-xts-plain64', key, ivOffset = 0n, device, offset = 0n } = params;
    const { sectorSize: unit = 512, ivLargeSectors = false } = params;
    const words = options.format(params);
    if (unit !== 512 && !ivLargeSectors) {
      const expected = `true with a sectorSize of ${unit}`;
      throw new InputError({ field: 'inlinecrypt.ivLargeSectors', expected, received: false });
    }
    return secretText(
      [
        plainWord(cipher, 'inlinecrypt.cipher'),
        keyWord(key, 'inlinecrypt.key'),
        sectorsWord(ivOffset, 'inlinecrypt.ivOffset'),
        deviceWord(device, 'inlinecrypt.device'),
        sectorsWord(offset, 'inlinecrypt.offset'),
        ...lastGroupWords(words, params),
      ],
      [key],
    );
  },
  readParams: (words) => ({
    cipher: words.word('cipher'),
    key: takeKey(words),
    ...takeIvOffset(words),
    device: words.word('device'),
    offset: words.u64('offset'),
    ...options.parse(words.lastGroup('option')),
  }),
  parseStatus: noStatus,
  messages: {},
});
