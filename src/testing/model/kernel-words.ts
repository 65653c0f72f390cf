// Words and numbers as the kernel reads them.

import { U64_MAX } from '../../ioctl/record.ts';

/** `dm_split_args`: blanks of Latin-1 separate, a backslash makes the next byte literal. */
export function splitArgs(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    if (/[ \t\n\v\f\r\u00a0]/.test(text[i]!)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    // A backslash at the very end stands for itself.
    if (text[i] === '\\' && i + 1 < text.length) i++;
    word = (word ?? '') + text[i];
  }
  return word === undefined ? words : [...words, word];
}

/** A number as a kernel reads it; `undefined` for what is none. */
export type Scan = (text: string) => bigint | undefined;

/** `sscanf(text, "%llu%c", …) == 1`: digits only, and what overflows wraps. */
export const scanWrapped: Scan = (text) =>
  /^\d+$/.test(text) ? BigInt.asUintN(64, BigInt(text)) : undefined;

/** The same since Linux 7: what overflows is the greatest number there is. */
export const scanSaturated: Scan = (text) => {
  if (!/^\d+$/.test(text)) return undefined;
  const value = BigInt(text);
  return value > U64_MAX ? U64_MAX : value;
};

/** `kstrtoull(text, 10, …)`: one `+` may lead, and overflow is refused. `undefined` for what is refused. */
export function kstrtoull(text: string, max: bigint = U64_MAX): bigint | undefined {
  const digits = /^\+?(\d+)$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  return value > max ? undefined : value;
}
