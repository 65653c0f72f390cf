// crypt: encrypts data. Source: …/device-mapper/dm-crypt.rst, drivers/md/dm-crypt.c.

import { isObject } from '../../../ioctl/input/checks.ts';
import type { SecretKey } from '../../text/secret-key.ts';
import type { SecretText } from '../../text/secret-text.ts';
import type { Bytes, SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { choiceWord, plainWord } from '../words/checked-words.ts';
import { concealing, keyWord, mayBeKey, secretText, takeKey } from '../words/key-words.ts';
import { type Messages, noStatus, type TargetKind, targetKind } from '../words/kind.ts';
import {
  colon,
  type ExtraWords,
  flag,
  lowerCase,
  OptionSet,
  type WordCodec,
} from '../words/options.ts';
import { choice, integer } from '../words/word-codecs.ts';
import { countWord, deviceWord, type ReportedIn, sectorsWord } from '../words/words.ts';
import { lastGroupWords } from '../words/write-words.ts';

const MODES = ['aead', 'none'] as const;
/** The kernel's `MAX_TAG_SIZE`. */
const TAG_MAX = 480;

/** Bytes per sector that the integrity target below stores for the crypt target. */
export interface CryptIntegrity {
  /** Number of bytes: 1 to 480. */
  readonly bytes: Bytes<number>;
  /** `'aead'` for an authenticating cipher, `'none'` if only the IV is stored. */
  readonly mode: (typeof MODES)[number];
}

/** Optional parameters of a crypt target, in the kernel's order. */
export interface CryptOptions extends ExtraWords {
  /** Pass discards to the device. They reveal which blocks are in use. @default false */
  readonly allowDiscards?: boolean;
  /** Encrypt on the CPU that submitted the I/O. @default false */
  readonly sameCpuCrypt?: boolean;
  /** Use high-priority work queues. Since version 1.26. @default false */
  readonly highPriority?: boolean;
  /** Submit writes from the thread that encrypts them. @default false */
  readonly submitFromCryptCpus?: boolean;
  /** Decrypt without a work queue. @default false */
  readonly noReadWorkqueue?: boolean;
  /** Encrypt without a work queue. @default false */
  readonly noWriteWorkqueue?: boolean;
  /** The data that the integrity target below stores. @default none */
  readonly integrity?: CryptIntegrity;
  /** Bytes per encryption unit: 512, 1024, 2048 or 4096. The target's length must be a multiple. @default 512 */
  readonly sectorSize?: Bytes<number>;
  /** Count IVs in units of `sectorSize` instead of 512 bytes. @default false */
  readonly ivLargeSectors?: boolean;
  /** Size of the integrity key within the key, in bytes. Since version 1.28. @default the algorithm's */
  readonly integrityKeySize?: Bytes<number>;
}

/** Parameters of a crypt target. */
export interface CryptParams extends CryptOptions {
  /** `CIPHER[:KEYCOUNT]-CHAINMODE-IVMODE[:IVOPTS]` as `'aes-xts-plain64'`, or `capi:SPEC-IVMODE`. */
  readonly cipher: string;
  /** The key, of the size that the cipher needs. */
  readonly key: SecretKey;
  /** Sectors added to the sector number before the IV is computed. @default 0 */
  readonly ivOffset?: SectorsInput;
  /** The device with the encrypted data: a path, or `major:minor`. */
  readonly device: string;
  /** First sector used of that device. @default 0 */
  readonly offset?: SectorsInput;
}

/** Parameters of a crypt target, read from its table: `integrity.mode` may have other words on a newer kernel. */
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

/** Bytes per encryption unit. */
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

/** The messages of a crypt target. They fail with EINVAL unless the device is suspended. */
export interface CryptMessages extends Messages {
  /** Sets the key again after `keyWipe`. The text conceals the key. EINVAL unless the key has the same size as before. */
  readonly keySet: (key: SecretKey) => string | SecretText;
  /** Wipes the key. Until a key is set again, a resume fails with EAGAIN and the table shows zeros. */
  readonly keyWipe: () => string;
}

/** Encrypts data. Its status is empty. */
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
