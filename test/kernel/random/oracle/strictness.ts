// Parameters that a kernel accepts and the library deliberately rejects.

import { type InputError, ReplyError } from '../../../../src/index.ts';
import { runningSuite } from '../../../support/kernel/target-support.ts';

/** A class of parameters that the library rejects although a kernel accepts them. */
export interface Strictness {
  readonly why: string;
  /** `problem` is the message without the received value. */
  readonly applies: (params: string, problem: string) => boolean;
}

/** All classes. */
export const STRICTNESS: readonly Strictness[] = [
  {
    why: 'a number that does not fit: the kernel truncates it to 64 or 32 bits',
    // Where the word may be a key, the message names its position instead of its value.
    applies: (params, problem) =>
      Number(/got "?(\d+)n?"?$/.exec(problem)?.[1]) >= 2 ** 31 ||
      Number(wordOf(params, problem)?.replace(/^[a-z_]+:/, '')) >= 2 ** 31,
  },
  {
    why: 'Linux 6.1 accepts MAJOR:MINOR:OFFSET and ignores the offset',
    applies: (_params, problem) =>
      runningSuite === 'bookworm' && /MAJOR:MINOR, got "\d+:\d+:\d+"$/.test(problem),
  },
];

/** The word at the position that the message names. */
const wordOf = (params: string, problem: string): string | undefined =>
  params.split(' ')[Number(/\(word (\d+)\):/.exec(problem)?.[1]) - 1];

/** Whether the error belongs to one of these classes. */
export const isStrict = (params: string, refusal: InputError | ReplyError): boolean => {
  const problem = refusal instanceof ReplyError ? refusal.problem : refusal.message;
  return STRICTNESS.some(({ applies }) => applies(params, problem));
};

/**
 * Whether dmsetup accepts a line that the library rejects: a number with a sign, which sscanf(3)
 * reads.
 */
export const isStrictLine = (line: string): boolean => /^(\d+ )?\+\d+ /.test(line);
