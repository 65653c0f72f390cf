// Small changes that may make a line of a table invalid.

import fc from 'fast-check';

/** A change to a table. */
export interface Change {
  readonly what: 'drop' | 'double' | 'upper' | 'number' | 'device' | 'length' | 'access';
  /** Index of the line. */
  readonly line: number;
  /** Index of the word; for a change of a number or a device, among the words of that kind. */
  readonly word: number;
  /** The replacement. */
  readonly number: string;
  readonly device: string;
  readonly delta: bigint;
}

/** Numbers that are out of range for most fields, or written in a form that the kernel does not read. */
const NUMBERS = ['0', '1', '3', '7', '4097', '2147483648', '4294967295', '4294967296'].concat([
  ...['9223372036854775807', '18446744073709551615', '18446744073709551616'],
  ...['-1', '+8', '08', '0x8', '8.0', '1e3', 'x'],
]);

/** Paths and numbers that are not a disk, and a disk that may already be in the table. */
const DEVICES = ['/disk/0', '/number/1', '/disk/pool', '/dev/null', '/dev/no-such-disk'].concat([
  ...['/dev', '/dev/null/x', '0:0', '4095:1048575', '4096:0', '1:1:1', '7:', '-', 'disk'],
]);

/** Any change. */
export const someChange: fc.Arbitrary<Change> = fc.record(
  {
    what: fc.constantFrom(
      'drop',
      'double',
      'upper',
      'number',
      'number',
      'device',
      'length',
      'access',
    ),
    line: fc.nat(9),
    word: fc.nat(29),
    number: fc.constantFrom(...NUMBERS),
    device: fc.constantFrom(...DEVICES),
    delta: fc.constantFrom(1n, -1n, 8n, -8n, 32_768n, 2n ** 54n),
  },
  { noNullPrototype: true },
);

/** The length is the second word of a line. */
const LENGTH = 1;

const isNumber = (word: string): boolean => /^\d+$|^[a-z_]+:\d+$/.test(word);
const isDevice = (word: string): boolean => /^\/(disk|number)\//.test(word);

/** The index of a word that `matches`, if any. */
function pick(words: readonly string[], nth: number, matches: (word: string) => boolean): number {
  const found = words.flatMap((word, i) => (matches(word) ? [i] : []));
  return found[nth % found.length] ?? nth % words.length;
}

/** The changed line, and a description of the change. */
export function changedLine(
  line: string,
  change: Change,
): { readonly line: string; readonly words: string } {
  const words = line.split(' ');
  const told = (changed: readonly string[], what: string) => ({
    line: changed.join(' '),
    words: what,
  });
  switch (change.what) {
    case 'length': {
      const length = String(BigInt(words[LENGTH]!) + change.delta);
      return told(words.with(LENGTH, length), `length ${words[LENGTH]} changed to ${length}`);
    }
    case 'number': {
      const at = pick(words, change.word, isNumber);
      const changed = words[at]!.replace(/^([a-z_]+:)?.*$/, `$1${change.number}`);
      return told(words.with(at, changed), `word ${at + 1}, ${words[at]}, changed to ${changed}`);
    }
    case 'device': {
      const at = pick(words, change.word, isDevice);
      return told(
        words.with(at, change.device),
        `word ${at + 1}, ${words[at]}, changed to ${change.device}`,
      );
    }
    case 'upper': {
      const at = pick(words, change.word, (word) => /[a-z]/.test(word) && !isDevice(word));
      const changed = words[at]!.toUpperCase();
      return told(words.with(at, changed), `word ${at + 1} changed to ${changed}`);
    }
    default: {
      const at = change.word % words.length;
      const doubled = change.what === 'double';
      return told(
        words.toSpliced(at, 1, ...(doubled ? [words[at]!, words[at]!] : [])),
        `word ${at + 1}, ${words[at]}, ${doubled ? 'doubled' : 'left out'}`,
      );
    }
  }
}
