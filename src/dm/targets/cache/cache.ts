// cache: a fast device in front of a slow one. Source: …/device-mapper/cache.rst, drivers/md/dm-cache-target.c.

import type { BlocksInput, SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { plainWord } from '../words/checked-words.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import { deviceWord, u64Word } from '../words/words.ts';
import { boundedWord, groupWords } from '../words/write-words.ts';
import {
  type CacheFeatures,
  cacheFeatures,
  type PolicyArgs,
  policyArgWords,
  takePolicyArgs,
} from './cache-features.ts';
import { type CacheStatus, parseCacheStatus } from './cache-status.ts';

const BLOCK_MIN = 64n;
const BLOCK_MAX = 2_097_152n;

/** Parameters of a cache. */
export interface CacheParams extends CacheFeatures {
  /** The device for the metadata. For a new cache, zero its first 4 KiB: the kernel then formats it. */
  readonly metadataDevice: string;
  /** The fast device. */
  readonly cacheDevice: string;
  /** The slow device, which is cached. */
  readonly originDevice: string;
  /** Size of a cache block in sectors: 64 (32 KiB) to 2097152 (1 GiB), a multiple of 64. @default 64 */
  readonly blockSize?: SectorsInput;
  /** `'smq'`, its alias `'mq'`, `'cleaner'`, or `'default'`. @default 'smq' */
  readonly policy?: string;
  /** Arguments of the cache (`migration_threshold`) and of its policy. @default [] */
  readonly policyArgs?: PolicyArgs;
}

/** One cache block, or the range from `begin` up to but not including `end`. */
export type CacheBlocks =
  | BlocksInput<'cache'>
  | readonly [begin: BlocksInput<'cache'>, end: BlocksInput<'cache'>];

/** The messages of a cache. They fail with ENOTSUP while the metadata is read-only. */
export interface CacheMessages extends Messages {
  /** Sets the maximum number of sectors that migrate at once. */
  readonly migrationThreshold: (sectors: SectorsInput) => string;
  /** Sets a policy argument. EINVAL if the policy does not know it. */
  readonly set: (name: string, value: string) => string;
  /** Invalidates cache blocks. EPERM unless the cache is in passthrough mode. */
  readonly invalidateCblocks: (...blocks: readonly CacheBlocks[]) => string;
}

function blockSizeWord(blockSize: SectorsInput): string {
  const word = boundedWord(blockSize, 'cache.blockSize', BLOCK_MIN, BLOCK_MAX);
  if (BigInt(word) % BLOCK_MIN === 0n) return word;
  const expected = `a multiple of ${BLOCK_MIN} sectors`;
  throw new InputError({ field: 'cache.blockSize', expected, received: blockSize });
}

const blocksWord = (blocks: CacheBlocks, i: number): string =>
  Array.isArray(blocks) && blocks.length === 2
    ? blocks.map((block) => u64Word(block, `blocks[${i}]`)).join('-')
    : u64Word(blocks as BlocksInput<'cache'>, `blocks[${i}]`);

/** A fast device in front of a slow one. Needs the module of its policy. */
export const cache: TargetKind<CacheParams, CacheStatus, CacheMessages> = targetKind<
  CacheParams,
  CacheStatus,
  CacheMessages
>('cache', {
  formatParams: (params: CacheParams) => {
    const { blockSize = BLOCK_MIN, policy = 'smq', policyArgs = [] } = params;
    return [
      deviceWord(params.metadataDevice, 'cache.metadataDevice'),
      deviceWord(params.cacheDevice, 'cache.cacheDevice'),
      deviceWord(params.originDevice, 'cache.originDevice'),
      blockSizeWord(blockSize),
      ...groupWords(cacheFeatures.format(params)),
      plainWord(policy, 'cache.policy'),
      ...groupWords(policyArgWords(policyArgs, 'cache.policyArgs')),
    ].join(' ');
  },
  readParams: (words) => {
    const params = {
      metadataDevice: words.word('metadata device'),
      cacheDevice: words.word('cache device'),
      originDevice: words.word('origin device'),
      blockSize: words.u64('block size'),
      ...cacheFeatures.parse(words.group('feature')),
      policy: words.word('policy'),
    };
    const policyArgs = takePolicyArgs(words.lastGroup('policy argument'));
    return { ...params, ...(policyArgs.length > 0 && { policyArgs }) };
  },
  parseStatus: parseCacheStatus,
  messages: {
    migrationThreshold: (sectors) => `migration_threshold ${u64Word(sectors, 'sectors')}`,
    set: (name, value) => `${plainWord(name, 'name')} ${plainWord(value, 'value')}`,
    invalidateCblocks: (...blocks) => {
      if (blocks.length === 0) {
        throw new InputError({ field: 'blocks', expected: 'at least one', received: 0 });
      }
      return ['invalidate_cblocks', ...blocks.map(blocksWord)].join(' ');
    },
  },
});
