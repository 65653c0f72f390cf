// crypt: what is written is encrypted. Source: …/device-mapper/dm-crypt.rst, drivers/md/dm-crypt.c.

import { isObject } from '../../ioctl/checks.ts';
import { InputError } from '../errors.ts';
import type { SecretKey } from '../secret-key.ts';
import type { SecretText } from '../secret-text.ts';
import type { Bytes, SectorsInput } from '../units.ts';
import { choiceWord, plainWord } from './checked-words.ts';
import { concealing, keyWord, mayBeKey, secretText, takeKey } from './key-words.ts';
import { type Messages, noStatus, type TargetKind, targetKind } from './kind.ts';
import { colon, type ExtraWords, flag, lowerCase, OptionSet, type WordCodec } from './options.ts';
import { choice, integer } from './word-codecs.ts';
import { countWord, deviceWord, type ReportedIn, sectorsWord } from './words.ts';
import { lastGroupWords } from './write-words.ts';

const MODES = ['aead', 'none'] as const;
/** The kernel's `MAX_TAG_SIZE`. */
const TAG_MAX = 480;

/** Bytes per sector that the integrity target below keeps for this one. */
export interface CryptIntegrity {
  /** 1 to 480. */
  readonly bytes: Bytes<number>;
  /** `'aead'` for a cipher that authenticates, `'none'` where only the IV is kept there. */
  readonly mode: (typeof MODES)[number];
}

/** Optional parameters of a crypt target, in the kernel's order. */
export interface CryptOptions extends ExtraWords {
  /** Pass discards on: they show which blocks are in use. @default false */
  readonly allowDiscards?: boolean;
  /** Encrypt on the CPU that the I/O came from. @default false */
  readonly sameCpuCrypt?: boolean;
  /** Work queues of high priority. From version 1.26. @default false */
  readonly highPriority?: boolean;
  /** Submit writes from the thread that encrypted them. @default false */
  readonly submitFromCryptCpus?: boolean;
  /** Decrypt without a work queue. @default false */
  readonly noReadWorkqueue?: boolean;
  /** Encrypt without a work queue. @default false */
  readonly noWriteWorkqueue?: boolean;
  /** What the integrity target below keeps. @default nothing */
  readonly integrity?: CryptIntegrity;
  /** Bytes encrypted at once: 512, 1024, 2048 or 4096; the target's length is a multiple. @default 512 */
  readonly sectorSize?: Bytes<number>;
  /** Count IVs in units of `sectorSize`, not of 512 bytes. @default false */
  readonly ivLargeSectors?: boolean;
  /** Bytes of the key that are the integrity key's. From version 1.28. @default the algorithm's */
  readonly integrityKeySize?: Bytes<number>;
}

/** Parameters of a crypt target. */
export interface CryptParams extends CryptOptions {
  /** `CIPHER[:KEYCOUNT]-CHAINMODE-IVMODE[:IVOPTS]` as `'aes-xts-plain64'`, or `capi:SPEC-IVMODE`. */
  readonly cipher: string;
  /** As long as the cipher wants it. */
  readonly key: SecretKey;
  /** Sectors added to the sector's number before the IV is made. @default 0 */
  readonly ivOffset?: SectorsInput;
  /** Where the encrypted data is: a path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
}

/** Parameters of a crypt target as its table reads back: a newer kernel may have other words in `integrity.mode`. */
export interface ReportedCrypt extends Omit<CryptParams, 'integrity'> {
  readonly integrity?: ReportedIn<CryptIntegrity, 'mode'>;
}

const modes = choice(...MODES);
const integrity: WordCodec<CryptIntegrity> = {
  format: (value, field) => {
    isObject(value, field);
    const { bytes, mode } = value;
    return `${countWord(bytes, `${field}.bytes`, 1, TAG_MAX)}:${choiceWord(mode, `${field}.mode`, MODES)}`;
  },
  parse: (word) => {
    const [bytes = '', mode, ...more] = word.split(':');
    if (!/^\d{1,9}$/.test(bytes) || !mode || more.length > 0) return undefined;
    return { bytes: Number(bytes), mode: modes.parse(mode)! };
  },
  expected: 'BYTES:MODE',
};

const SECTOR_SIZES: readonly number[] = [512, 1024, 2048, 4096];

/** Bytes of a unit of encryption. */
export const sectorSize: WordCodec<number> = {
  format: (value, field) => {
    if (SECTOR_SIZES.includes(value)) return String(value);
    throw new InputError({ field, expected: SECTOR_SIZES.join(' or '), received: value });
  },
  parse: (word) => (/^\d{1,9}$/.test(word) ? Number(word) : undefined),
  expected: 'a number of bytes',
};

const options = new OptionSet<CryptOptions, ReportedCrypt>(
  'crypt',
  {
    allowDiscards: flag('allow_discards'),
    sameCpuCrypt: flag('same_cpu_crypt'),
    highPriority: flag('high_priority'),
    submitFromCryptCpus: flag('submit_from_crypt_cpus'),
    noReadWorkqueue: flag('no_read_workqueue'),
    noWriteWorkqueue: flag('no_write_workqueue'),
    integrity: colon('integrity', integrity),
    sectorSize: colon('sector_size', sectorSize),
    ivLargeSectors: flag('iv_large_sectors'),
    integrityKeySize: colon('integrity_key_size', integer(1, TAG_MAX)),
  },
  lowerCase,
);

/** What a crypt target can be told while it is suspended; otherwise it answers EINVAL. */
export interface CryptMessages extends Messages {
  /** Put the key back after `keyWipe`. The text knows the key and shows zeros. EINVAL unless it has the size of the old one. */
  readonly keySet: (key: SecretKey) => string | SecretText;
  /** Forget the key. Until another is set a resume fails with EAGAIN, and the table shows zeros. */
  readonly keyWipe: () => string;
}

/** What is written is encrypted. Its status is empty. */
export const crypt: TargetKind<CryptParams, undefined, CryptMessages, ReportedCrypt> = targetKind<
  CryptParams,
  undefined,
  CryptMessages,
  ReportedCrypt
>('crypt', {
  conceal: concealing,
  isSecret: mayBeKey,
  formatParams: (params) => {
    const { cipher, key, ivOffset = 0n, device, offset = 0n } = params;
    const words = options.format(params);
    return secretText(
      [
        plainWord(cipher, 'crypt.cipher'),
        keyWord(key, 'crypt.key'),
        sectorsWord(ivOffset, 'crypt.ivOffset'),
        deviceWord(device, 'crypt.device'),
        sectorsWord(offset, 'crypt.offset'),
        ...lastGroupWords(words, params),
      ],
      [key],
    );
  },
  readParams: (words) => ({
    cipher: words.word('cipher'),
    key: takeKey(words),
    ivOffset: words.u64('IV offset'),
    device: words.word('device'),
    offset: words.u64('offset'),
    ...options.parse(words.lastGroup('option')),
  }),
  parseStatus: noStatus,
  messages: {
    keySet: (key) => secretText(['key', 'set', keyWord(key, 'key')], [key]),
    keyWipe: () => 'key wipe',
  },
});
