// The optional words of a thin pool's table. Source: parse_pool_features and emit_flags in drivers/md/dm-thin.c.

import { kstrtoull } from './kernel-words.ts';
import { demand, Refused } from './refused.ts';

const FEATURES_MAX = 4n;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The features in a pool's table. */
export interface PoolFeatures {
  readonly zeroing: boolean;
  readonly discard: boolean;
  readonly passdown: boolean;
  readonly readOnly: boolean;
  readonly errorIfNoSpace: boolean;
}

/** The features of a pool without feature words, and of a pool before its first resume. */
export const PLAIN_FEATURES: PoolFeatures = {
  zeroing: true,
  discard: true,
  passdown: true,
  readOnly: false,
  errorIfNoSpace: false,
};

/** Parses the feature words of a table, those after the low-water mark. @throws Refused */
export function parsePoolFeatures(words: readonly string[]): PoolFeatures {
  const features: Mutable<PoolFeatures> = { ...PLAIN_FEATURES };
  if (words.length === 0) return features;
  const count = kstrtoull(words[0]!, FEATURES_MAX);
  if (count === undefined) throw new Refused('EINVAL', 'invalid number of pool feature arguments');
  demand(BigInt(words.length - 1) >= count, 'not enough arguments');
  // Words beyond the count are ignored.
  for (const word of words.slice(1, Number(count) + 1)) {
    const set = SETTERS[word.toLowerCase()];
    if (set === undefined) throw new Refused('EINVAL', `unrecognised pool feature ${word}`);
    Object.assign(features, set);
  }
  return features;
}

const SETTERS: Readonly<Record<string, Partial<PoolFeatures>>> = {
  skip_block_zeroing: { zeroing: false },
  ignore_discard: { discard: false },
  no_discard_passdown: { passdown: false },
  read_only: { readOnly: true },
  error_if_no_space: { errorIfNoSpace: true },
};

/** Formats the count and the feature words, in the kernel's order. */
export function poolFeatureWords(features: PoolFeatures): string {
  const words = [
    ...(features.zeroing ? [] : ['skip_block_zeroing']),
    ...(features.discard ? [] : ['ignore_discard']),
    ...(features.passdown ? [] : ['no_discard_passdown']),
    ...(features.readOnly ? ['read_only'] : []),
    ...(features.errorIfNoSpace ? ['error_if_no_space'] : []),
  ];
  return [words.length, ...words].join(' ');
}
