// verity: checks read-only data against a hash tree. The table has the root hash.
// Source: …/device-mapper/verity.rst, drivers/md/dm-verity-target.c.

import { isObject } from '../../../ioctl/input/checks.ts';
import type { Blocks, BlocksInput, Bytes } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { hexWord, plainWord } from '../words/checked-words.ts';
import { type NoMessages, type TargetKind, targetKind } from '../words/kind.ts';
import {
  type ExtraWords,
  flag,
  lowerCase,
  type Option,
  OptionSet,
  pair,
  wordFor,
} from '../words/options.ts';
import { device, integer, u64, word } from '../words/word-codecs.ts';
import { deviceWord, u64Word, Words } from '../words/words.ts';
import { lastGroupWords, powerOfTwoWord } from '../words/write-words.ts';

/** Forward error correction: parity data that corrects blocks with a wrong hash. */
export interface VerityFec {
  /** The device with the parity data: a path, or `major:minor`. */
  readonly device: string;
  /** Number of covered blocks: those of the data and of the hash tree. */
  readonly blocks: BlocksInput;
  /** First block of the parity data. */
  readonly start: BlocksInput;
  /** Parity bytes per codeword of 255 bytes: 2 to 24. */
  readonly roots: number;
}

/** Optional parameters of a verity target, in the kernel's order. */
export interface VerityOptions extends ExtraWords {
  /** Action for a corrupt block: return its data, restart the machine, or panic. @default the read fails with EIO */
  readonly onCorruption?: 'ignore' | 'restart' | 'panic';
  /** Action for an I/O error: restart the machine, or panic. Since version 1.10. @default the read fails with EIO */
  readonly onError?: 'restart' | 'panic';
  /** Return zeros for blocks with the hash of a zero block, without reading them. @default false */
  readonly ignoreZeroBlocks?: boolean;
  /** Check a block at its first read only. @default false */
  readonly checkAtMostOnce?: boolean;
  /** Check small reads in the bottom half. @default false */
  readonly tryVerifyInTasklet?: boolean;
  /** Forward error correction. @default none */
  readonly fec?: VerityFec;
  /** The `user` key in the kernel's keyring with the signature of the root hash. @default no signature */
  readonly rootHashSigKeyDesc?: string;
}

/** Parameters of a verity target. */
export interface VerityParams extends VerityOptions {
  /** Format of the hash tree: 1, or 0 for the original format of Chromium OS. @default 1 */
  readonly version?: 0 | 1;
  readonly dataDevice: string;
  /** The device with the hash tree. It can be the data device, with the tree after the data. */
  readonly hashDevice: string;
  /** Size of a data block in bytes, a power of two. @default 4096 */
  readonly dataBlockSize?: Bytes<number>;
  /** Size of a hash block in bytes, a power of two. @default 4096 */
  readonly hashBlockSize?: Bytes<number>;
  /** Number of data blocks. */
  readonly dataBlocks: BlocksInput<'data'>;
  /** First block of the hash tree, in hash blocks. @default 0 */
  readonly hashStart?: BlocksInput<'hash'>;
  /** Hash algorithm, by its name in the kernel's crypto API. @default 'sha256' */
  readonly algorithm?: string;
  /** The root hash, hexadecimal. */
  readonly rootHash: string;
  /** The salt, hexadecimal. @default none */
  readonly salt?: string;
}

/** Parameters of a verity target, read from its table: a newer kernel may have other formats of the hash tree. */
export interface ReportedVerity extends Omit<VerityParams, 'version'> {
  readonly version?: number;
}

/** Status of a verity target. */
export interface VerityStatus {
  /** Whether no corrupt block has been found so far. */
  readonly valid: boolean;
  /** Number of corrected blocks; `undefined` without error correction, and before Linux 7.x. */
  readonly corrected: Blocks | undefined;
  /** Words of a newer kernel that have no field. */
  readonly extra: readonly string[];
}

const FEC_WORDS = ['use_fec_from_device', 'fec_blocks', 'fec_start', 'fec_roots'] as const;
const roots = integer(2, 24);

/** Four pairs in any order; either all or none are present. */
const fec: Option<Partial<VerityFec>> = {
  format: (value, field) => {
    isObject(value, field);
    const { device: from, blocks, start, roots: parity } = value;
    return [
      ...[FEC_WORDS[0], device.format(from!, `${field}.device`)],
      ...[FEC_WORDS[1], u64.format(blocks!, `${field}.blocks`)],
      ...[FEC_WORDS[2], u64.format(start!, `${field}.start`)],
      ...[FEC_WORDS[3], roots.format(parity!, `${field}.roots`)],
    ];
  },
  take: (found, { next, refuse }, before) => {
    const at = (FEC_WORDS as readonly string[]).indexOf(found);
    if (at === -1) return undefined;
    const value = next();
    const number = at === 3 ? roots : u64;
    const parsed = at === 0 ? value : (number.parse(value) ?? refuse(number.expected, value));
    return { ...before, [['device', 'blocks', 'start', 'roots'][at]!]: parsed };
  },
};

const options = new OptionSet<VerityOptions>(
  'verity',
  {
    onCorruption: wordFor({
      ignore: 'ignore_corruption',
      restart: 'restart_on_corruption',
      panic: 'panic_on_corruption',
    }),
    onError: wordFor({ restart: 'restart_on_error', panic: 'panic_on_error' }),
    ignoreZeroBlocks: flag('ignore_zero_blocks'),
    checkAtMostOnce: flag('check_at_most_once'),
    tryVerifyInTasklet: flag('try_verify_in_tasklet'),
    fec: fec as Option<VerityFec>,
    rootHashSigKeyDesc: pair('root_hash_sig_key_desc', word),
  },
  lowerCase,
);

function checkFec(params: VerityOptions, words: Words): void {
  if (params.fec === undefined || Object.keys(params.fec).length === 4) return;
  words.refuse('error correction', FEC_WORDS.join(', '), Object.keys(params.fec).join(', '));
}

/** Checks read-only data against a hash tree. Must be the only target of a read-only table. */
export const verity: TargetKind<VerityParams, VerityStatus, NoMessages, ReportedVerity> =
  targetKind<VerityParams, VerityStatus, NoMessages, ReportedVerity>('verity', {
    formatParams: (params) => {
      const { version = 1, dataBlockSize = 4096, hashBlockSize = 4096, hashStart = 0n } = params;
      if (version !== 0 && version !== 1) {
        throw new InputError({ field: 'verity.version', expected: '0 or 1', received: version });
      }
      const words = options.format(params);
      return [
        version,
        deviceWord(params.dataDevice, 'verity.dataDevice'),
        deviceWord(params.hashDevice, 'verity.hashDevice'),
        powerOfTwoWord(dataBlockSize, 'verity.dataBlockSize', 512, 2 ** 31),
        powerOfTwoWord(hashBlockSize, 'verity.hashBlockSize', 512, 2 ** 31),
        u64Word(params.dataBlocks, 'verity.dataBlocks'),
        u64Word(hashStart, 'verity.hashStart'),
        plainWord(params.algorithm ?? 'sha256', 'verity.algorithm'),
        hexWord(params.rootHash, 'verity.rootHash'),
        params.salt === undefined ? '-' : hexWord(params.salt, 'verity.salt'),
        ...lastGroupWords(words, params),
      ].join(' ');
    },
    readParams: (words) => {
      const required = {
        version: words.count('version'),
        dataDevice: words.word('data device'),
        hashDevice: words.word('hash device'),
        dataBlockSize: words.count('data block size'),
        hashBlockSize: words.count('hash block size'),
        dataBlocks: words.u64('data blocks'),
        hashStart: words.u64('hash start'),
        algorithm: words.word('algorithm'),
        rootHash: words.word('root hash'),
      };
      const salt = words.word('salt');
      const optional = options.parse(words.lastGroup('option'));
      checkFec(optional, words);
      return { ...required, ...(salt !== '-' && { salt }), ...optional };
    },
    parseStatus: (text) => {
      const words = new Words(text, 'verity status');
      return {
        valid: words.flag('state', 'V', 'C'),
        corrected: words.more ? words.u64OrDash('corrected blocks') : undefined,
        extra: words.rest(),
      };
    },
    messages: {},
  });
