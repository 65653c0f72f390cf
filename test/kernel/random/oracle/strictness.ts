// What a kernel takes and the library does not, on purpose.

import type { InputError } from '../../../../src/index.ts';
import { runningSuite } from '../../target-support.ts';

/** A kind of parameters that the library refuses although a kernel takes them. */
export interface Strictness {
  readonly why: string;
  readonly applies: (params: string, refusal: InputError) => boolean;
}

/** All of them. */
export const STRICTNESS: readonly Strictness[] = [
  {
    why: 'a number that does not fit: the kernel takes what is left of it in 64 or 32 bits',
    // Where there may be a key the refusal says which word it is, and not what it is.
    applies: (params, { field, message }) =>
      Number(/got "?(\d+)n?"?$/.exec(message)?.[1]) >= 2 ** 31 ||
      Number(wordOf(params, field)?.replace(/^[a-z_]+:/, '')) >= 2 ** 31,
  },
  {
    why: 'Linux 6.1 takes MAJOR:MINOR:OFFSET, and ignores the offset',
    applies: (_params, { message }) =>
      runningSuite === 'bookworm' && /MAJOR:MINOR, got "\d+:\d+:\d+"$/.test(message),
  },
];

/** The word that a refusal counts. */
const wordOf = (params: string, field: string): string | undefined =>
  params.split(' ')[Number(/\(word (\d+)\)$/.exec(field)?.[1]) - 1];

/** Whether the refusal is one of those that are meant. */
export const isStrict = (params: string, refusal: InputError): boolean =>
  STRICTNESS.some(({ applies }) => applies(params, refusal));

/**
 * Whether a line is one that dmsetup reads and the library does not: numbers that carry a sign, which sscanf(3)
 * takes.
 */
export const isStrictLine = (line: string): boolean => /^(\d+ )?\+\d+ /.test(line);
