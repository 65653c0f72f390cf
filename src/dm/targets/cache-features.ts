// What a cache's table and its status have in common.

import { isList } from '../../ioctl/checks.ts';
import { InputError } from '../errors.ts';
import { plainWord } from './checked-words.ts';
import { type ExtraWords, flag, lowerCase, OptionSet, wordFor } from './options.ts';
import type { Words } from './words.ts';

/** Optional parameters of a cache, in the order its status has them. */
export interface CacheFeatures extends ExtraWords {
  /** The metadata's second format, quicker to shut down. @default false */
  readonly metadata2?: boolean;
  /**
   * `writeback` leaves new data in the cache, `writethrough` writes it to both, `passthrough` writes to the origin
   * and reads from it. @default 'writeback'
   */
  readonly writeMode?: 'writeback' | 'writethrough' | 'passthrough';
  /** Keep discards from the origin. @default false */
  readonly noDiscardPassdown?: boolean;
}

/** The features, both ways. */
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

/** Settings of a policy by name, in the kernel's order. */
export type PolicyArgs = readonly (readonly [name: string, value: string])[];

/** The words of settings. @throws InputError */
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

/** Settings, two words each. @throws ReplyError for an odd count */
export function takePolicyArgs(group: Words): PolicyArgs {
  const args: (readonly [string, string])[] = [];
  while (group.more) args.push([group.word('policy argument'), group.word('policy value')]);
  return args;
}
