// What a kernel takes and the library does not, on purpose.

import type { InputError } from '../../../../src/index.ts';

/** A kind of parameters that the library refuses although a kernel takes them. */
export interface Strictness {
  readonly why: string;
  readonly applies: (type: string, params: string, refusal: InputError) => boolean;
}

/** All of them. */
export const STRICTNESS: readonly Strictness[] = [
  {
    why: 'a number that does not fit: the kernel takes what is left of it in 64 or 32 bits',
    applies: (_type, _params, { message }) =>
      Number(/got "?(\d+)n?"?$/.exec(message)?.[1]) >= 2 ** 31,
  },
  {
    why: 'log-writes ignores the words behind its two devices, and does not give them back',
    applies: (type, _params, { field }) => type === 'log-writes' && field.includes(', end '),
  },
];

/** Whether the refusal is one of those that are meant. */
export const isStrict = (type: string, params: string, refusal: InputError): boolean =>
  STRICTNESS.some(({ applies }) => applies(type, params, refusal));

/**
 * Whether a line is one that dmsetup reads and the library does not: numbers that carry a sign, which sscanf(3)
 * takes.
 */
export const isStrictLine = (line: string): boolean => /^(\d+ )?\+\d+ /.test(line);
