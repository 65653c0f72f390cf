// inlinecrypt: encrypts with the inline encryption engine of the disk, or with blk-crypto-fallback. New in Linux 7.x.
// Source: …/device-mapper/dm-inlinecrypt.rst, drivers/md/dm-inlinecrypt.c.

import type { SecretKey } from '../../text/secret-key.ts';
import type { Bytes, Sectors, SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { plainWord } from '../words/checked-words.ts';
import { concealing, keyWord, mayBeKey, secretText, takeKey } from '../words/key-words.ts';
import { type NoMessages, noStatus, type TargetKind, targetKind } from '../words/kind.ts';
import { colon, type ExtraWords, flag, OptionSet } from '../words/options.ts';
import { choice } from '../words/word-codecs.ts';
import {
  deviceWord,
  type Reported,
  type ReportedIn,
  sectorsWord,
  type Words,
} from '../words/words.ts';
import { lastGroupWords } from '../words/write-words.ts';
import { sectorSize } from './crypt.ts';

/** Optional parameters of an inlinecrypt target. */
export interface InlinecryptOptions extends ExtraWords {
  /** The type of the key: raw, or wrapped so that only the hardware can unwrap it. @default 'raw' */
  readonly keyType?: 'raw' | 'hw-wrapped';
  /** Pass discards to the device. They reveal which blocks are in use. @default false */
  readonly allowDiscards?: boolean;
  /** Bytes per encryption unit: 512, 1024, 2048 or 4096. More than 512 needs `ivLargeSectors`. @default 512 */
  readonly sectorSize?: Bytes<number>;
  /** Count IVs in units of `sectorSize`, which is the only supported mode. @default false */
  readonly ivLargeSectors?: boolean;
}

/** Parameters of an inlinecrypt target. */
export interface InlinecryptParams extends InlinecryptOptions {
  /** The kernel supports one cipher only. @default 'aes-xts-plain64' */
  readonly cipher?: string;
  /** 64 bytes for a raw key, or a `logon` key in a keyring. */
  readonly key: SecretKey;
  /** Sectors added to the sector number before the IV is computed; a multiple of `sectorSize`. @default 0 */
  readonly ivOffset?: SectorsInput;
  /** The device with the encrypted data: a path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
}

/** Parameters of an inlinecrypt target, read from its table: a newer kernel may have other key types. */
export type ReportedInlinecrypt = ReportedIn<InlinecryptParams, 'keyType'>;

const options = new OptionSet<InlinecryptOptions, ReportedInlinecrypt>('inlinecrypt', {
  keyType: colon('keytype', choice('raw', 'hw-wrapped')),
  allowDiscards: flag('allow_discards'),
  sectorSize: colon('sector_size', sectorSize),
  ivLargeSectors: flag('iv_large_sectors'),
});

/** `enum blk_crypto_key_type`. The kernel prints this number in a table, but does not accept it there. */
const KEY_TYPES: ReadonlyMap<bigint, 'raw' | 'hw-wrapped'> = new Map([
  [1n, 'raw'],
  [2n, 'hw-wrapped'],
]);

/** Reads the IV offset, and the key type that precedes it in a table from the kernel. */
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
 * Encrypts with the inline encryption engine of the disk, or with blk-crypto-fallback. Its status is empty. The table
 * that the kernel reports has the key type as an additional number, which the kernel does not accept: `parseParams`
 * reads both forms.
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
