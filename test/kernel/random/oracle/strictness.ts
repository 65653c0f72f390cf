// What a kernel takes and the library does not, on purpose.

import { type InputError, ReplyError } from '../../../../src/index.ts';
import { runningSuite } from '../../target-support.ts';

/** A kind of parameters that the library refuses although a kernel takes them. */
export interface Strictness {
  readonly why: string;
  /** `problem` is the refusal's text, without what was read. */
  readonly applies: (params: string, problem: string) => boolean;
}

/** All of them. */
export const STRICTNESS: readonly Strictness[] = [
  {
    why: 'a number that does not fit: the kernel takes what is left of it in 64 or 32 bits',
    // Where there may be a key the refusal says which word it is, and not what it is.
    applies: (params, problem) =>
      Number(/got "?(\d+)n?"?$/.exec(problem)?.[1]) >= 2 ** 31 ||
      Number(wordOf(params, problem)?.replace(/^[a-z_]+:/, '')) >= 2 ** 31,
  },
  {
    why: 'Linux 6.1 takes MAJOR:MINOR:OFFSET, and ignores the offset',
    applies: (_params, problem) =>
      runningSuite === 'bookworm' && /MAJOR:MINOR, got "\d+:\d+:\d+"$/.test(problem),
  },
];

/** The word that a refusal counts. */
const wordOf = (params: string, problem: string): string | undefined =>
  params.split(' ')[Number(/\(word (\d+)\):/.exec(problem)?.[1]) - 1];

/** Whether the refusal is one of those that are meant. */
export const isStrict = (params: string, refusal: InputError | ReplyError): boolean => {
  const problem = refusal instanceof ReplyError ? refusal.problem : refusal.message;
  return STRICTNESS.some(({ applies }) => applies(params, problem));
};

/**
 * Whether a line is one that dmsetup reads and the library does not: numbers that carry a sign, which sscanf(3)
 * takes.
 */
export const isStrictLine = (line: string): boolean => /^(\d+ )?\+\d+ /.test(line);
