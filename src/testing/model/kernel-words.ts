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

/** `sscanf(text, "%llu%c", …) == 1`: digits only, and what overflows wraps. `undefined` for anything else. */
export const scanU64 = (text: string): bigint | undefined =>
  /^\d+$/.test(text) ? BigInt.asUintN(64, BigInt(text)) : undefined;

/** `kstrtoull(text, 10, …)`: one `+` may lead, and overflow is refused. `undefined` for what is refused. */
export function kstrtoull(text: string, max: bigint = U64_MAX): bigint | undefined {
  const digits = /^\+?(\d+)$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  return value > max ? undefined : value;
}
