// Parses words and numbers like the kernel.

import { U64_MAX } from '../../ioctl/struct/record.ts';
import { Refused } from './refused.ts';

/** `dm_split_args`: Latin-1 blanks separate words, a backslash escapes the next byte. */
export function splitArgs(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    if (/[ \t\n\v\f\r\u00a0]/.test(text[i]!)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    // A backslash at the end of the text is literal.
    if (text[i] === '\\' && i + 1 < text.length) i++;
    word = (word ?? '') + text[i];
  }
  return word === undefined ? words : [...words, word];
}

/** Parses a number; `undefined` for an invalid one. */
export type Scan = (text: string) => bigint | undefined;

/** `sscanf(text, "%llu%c", …) == 1`: digits only; an overflow wraps. */
export const scanWrapped: Scan = (text) =>
  /^\d+$/.test(text) ? BigInt.asUintN(64, BigInt(text)) : undefined;

/** The same since Linux 7: an overflow saturates. */
export const scanSaturated: Scan = (text) => {
  if (!/^\d+$/.test(text)) return undefined;
  const value = BigInt(text);
  return value > U64_MAX ? U64_MAX : value;
};

/** `kstrtoull(text, 10, …)`: allows a leading `+` and rejects an overflow. `undefined` for an invalid number. */
export function kstrtoull(text: string, max: bigint = U64_MAX): bigint | undefined {
  const digits = /^\+?(\d+)$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  return value > max ? undefined : value;
}

const ID_MAX = 2n ** 24n - 1n;

/** Parses a thin id. @throws Refused */
export function thinId(word: string): number {
  const id = kstrtoull(word, ID_MAX);
  if (id === undefined) throw new Refused('EINVAL', `invalid device id ${word}`);
  return Number(id);
}
