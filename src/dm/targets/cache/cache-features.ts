// The features and policy arguments that the table and the status of a cache share.

import { isList } from '../../../ioctl/input/checks.ts';
import { InputError } from '../../wire/errors.ts';
import { plainWord } from '../words/checked-words.ts';
import { type ExtraWords, flag, lowerCase, OptionSet, wordFor } from '../words/options.ts';
import type { Words } from '../words/words.ts';

/** Optional parameters of a cache, in the order of its status. */
export interface CacheFeatures extends ExtraWords {
  /** Use metadata format 2, which shuts down faster. @default false */
  readonly metadata2?: boolean;
  /**
   * `writeback` leaves new data in the cache. `writethrough` writes it to the cache and the origin. `passthrough` reads
   * from and writes to the origin. @default 'writeback'
   */
  readonly writeMode?: 'writeback' | 'writethrough' | 'passthrough';
  /** Do not pass discards to the origin. @default false */
  readonly noDiscardPassdown?: boolean;
}

/** Formats and parses the features. */
export const cacheFeatures: OptionSet<CacheFeatures> = new OptionSet<CacheFeatures>(
  'cache',
  {
    metadata2: flag('metadata2'),
    writeMode: wordFor({
      writeback: 'writeback',
      writethrough: 'writethrough',
      passthrough: 'passthrough',
    }),
    noDiscardPassdown: flag('no_discard_passdown'),
  },
  lowerCase,
);

/** Policy arguments as name and value, in the kernel's order. */
export type PolicyArgs = readonly (readonly [name: string, value: string])[];

/** The words of policy arguments. @throws InputError */
export const policyArgWords = (args: PolicyArgs, field: string): readonly string[] => {
  isList(args, field);
  return args.flatMap((arg, i) => {
    if (!Array.isArray(arg) || arg.length !== 2) {
      const expected = 'a name and a value';
      throw new InputError({ field: `${field}[${i}]`, expected, received: arg });
    }
    return arg.map((word) => plainWord(word, `${field}[${i}]`));
  });
};

/** Reads policy arguments, two words each. @throws ReplyError for an odd count */
export function takePolicyArgs(group: Words): PolicyArgs {
  const args: (readonly [string, string])[] = [];
  while (group.more) args.push([group.word('policy argument'), group.word('policy value')]);
  return args;
}
