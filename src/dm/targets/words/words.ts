// Reads a target's text word by word. Errors name the field of the invalid word.

import { isObject } from '../../../ioctl/input/checks.ts';
import { U64_MAX } from '../../../ioctl/struct/record.ts';
import type { SectorsInput } from '../../text/units.ts';
import { expectation, InputError, ReplyError } from '../../wire/errors.ts';
import { fromDigits } from '../../wire/text.ts';

/** A word that the kernel reports: a known one, or an unknown one of a newer kernel. */
export type Reported<T extends string> = T | (string & {});

/** Parameters from a table: a newer kernel may have other words in the fields `K`. */
export type ReportedIn<P, K extends keyof P> = Omit<P, K> & {
  [N in keyof Pick<P, K>]: P[N] extends string | undefined ? P[N] | (string & {}) : P[N];
};

/** The entry of `known` that equals `word`, ignoring the case of `word`. The entries are in lower case. */
export function knownWord<T extends string>(word: string, known: readonly T[]): T | undefined {
  const lower = word.toLowerCase();
  return known.find((one) => one === lower);
}

/** The words of a text, taken from left to right. */
export class Words {
  #words: readonly string[];
  readonly #target: string;
  #next = 0;
  /** End of the words of this object. A group shares the array of its text. */
  #end: number;
  /** Words that were taken but have no field. */
  readonly #kept: string[] = [];

  /**
   * `target` names the text in errors: `'thin-pool status'`. With `strict`, exactly one blank separates words, none
   * precedes the first, and at most one follows the last.
   */
  constructor(
    text: string,
    target: string,
    { strict = false }: { readonly strict?: boolean } = {},
  ) {
    const words = (strict ? text.replace(/ $/, '') : text).split(' ');
    const isExact = strict ? text !== '' : !words.includes('');
    this.#words = isExact ? words : words.filter((word) => word !== '');
    this.#end = this.#words.length;
    this.#target = target;
  }

  #fail(field: string, expected: string, received: string | undefined): never {
    this.refuse(field, expected, received);
  }

  /** Rejects the last word taken. @throws ReplyError always, with the field and the position of the word */
  refuse(field: string, expected: string, received: string | undefined): never {
    const at = `${this.#target}, ${field} (word ${this.#next})`;
    throw new ReplyError(`${at}: ${expectation(expected, received)}`);
  }

  /** Whether words are left. */
  get more(): boolean {
    return this.#next < this.#end;
  }

  /** The next word, which is not taken; `undefined` at the end. */
  get next(): string | undefined {
    return this.more ? this.#words[this.#next] : undefined;
  }

  /** Takes the next word. */
  word(field: string): string {
    const word = this.next;
    this.#next += 1;
    return word ? word : this.#fail(field, 'a word', word);
  }

  /** Takes the next word, which must be `label`. */
  label(field: string, label: string): void {
    const word = this.word(field);
    if (word !== label) this.#fail(field, label, word);
  }

  /** Takes the next word: one of `known`, compared case-insensitively, or an unknown one of a newer kernel. */
  known<T extends string>(field: string, known: readonly T[]): Reported<T> {
    const word = this.word(field);
    return knownWord(word, known) ?? word;
  }

  /** Takes the next word, and returns whether it is `yes`. An unknown word goes to `rest`. */
  flag(field: string, yes: string, no: string): boolean {
    const word = this.word(field);
    if (word !== yes && word !== no) this.#kept.push(word);
    return word === yes;
  }

  /** Takes the next word as an unsigned 64-bit decimal number. */
  u64(field: string): bigint {
    const word = this.word(field);
    return decimal(word) ?? this.#fail(field, 'an unsigned 64-bit decimal number', word);
  }

  /** Takes the next word as an unsigned 64-bit decimal number; `undefined` for `-`. */
  u64OrDash(field: string): bigint | undefined {
    if (this.next !== '-') return this.u64(field);
    this.#next += 1;
    return undefined;
  }

  /** Takes the next word as an unsigned decimal number that is a safe integer. */
  count(field: string): number {
    const value = this.u64(field);
    return value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : this.#fail(field, `a count of at most ${Number.MAX_SAFE_INTEGER}`, String(value));
  }

  /** Takes the next word as a decimal number that is a safe integer. */
  integer(field: string): number {
    const word = this.word(field);
    const value = /^-?\d{1,16}$/.test(word) ? Number(word) : undefined;
    return Number.isSafeInteger(value) ? value! : this.#fail(field, 'a safe integer', word);
  }

  /** Takes the next word as an unsigned 32-bit hexadecimal number without `0x`. */
  hex(field: string): number {
    const word = this.word(field);
    return /^[0-9a-f]{1,8}$/i.test(word)
      ? Number.parseInt(word, 16)
      : this.#fail(field, 'an unsigned 32-bit hexadecimal number', word);
  }

  /** Takes the next word as `used/total`. With `over`, `used` can exceed `total`. */
  ratio(
    field: string,
    { over = false }: { readonly over?: boolean } = {},
  ): { readonly used: bigint; readonly total: bigint } {
    const [used, total] = this.#pair(field, '/', 'USED/TOTAL');
    if (used > total && !over)
      this.#fail(field, 'USED/TOTAL with USED at most TOTAL', `${used}/${total}`);
    return { used, total };
  }

  /** Takes the next word as `segment:offset`. */
  position(field: string): { readonly segment: bigint; readonly offset: bigint } {
    const [segment, offset] = this.#pair(field, ':', 'SEGMENT:OFFSET');
    return { segment, offset };
  }

  #pair(field: string, separator: string, expected: string): readonly [bigint, bigint] {
    const word = this.word(field);
    const parts = word.split(separator);
    const first = decimal(parts[0]);
    const second = decimal(parts[1]);
    if (parts.length !== 2 || first === undefined || second === undefined) {
      this.#fail(field, expected, word);
    }
    return [first, second];
  }

  /** Takes a group. The group is empty if the text ends before its count. */
  lastGroup(field: string): Words {
    return this.more ? this.group(field) : new Words('', this.#target);
  }

  /** Takes a count and that number of words. */
  group(field: string): Words {
    const count = this.count(`${field} count`);
    const left = this.#end - this.#next;
    if (count > left) this.#fail(`${field} count`, `at most the ${left} words left`, `${count}`);
    const group = this.#part(count);
    this.#next += count;
    return group;
  }

  /** The next `count` words, which are not taken. */
  #part(count: number): Words {
    const part = new Words('', this.#target);
    part.#words = this.#words;
    part.#next = this.#next;
    part.#end = this.#next + count;
    return part;
  }

  /** Takes all remaining words, which a newer kernel added. The words without a field precede them in the result. */
  rest(): readonly string[] {
    const rest: string[] = [...this.#kept];
    while (this.more) rest.push(this.word('further word'));
    return rest;
  }
}

function decimal(word: string | undefined): bigint | undefined {
  if (word === undefined || !/^\d{1,20}$/.test(word)) return undefined;
  const value = fromDigits(word);
  return value <= U64_MAX ? value : undefined;
}

/** Formats a device: a path, or `major:minor`, as one word. @throws InputError */
export function deviceWord(device: string, field: string): string {
  if (typeof device !== 'string' || !/^(\d+:\d+|\/[^ \t\n\v\f\r]+)$/.test(device)) {
    throw new InputError({
      field,
      expected: 'a path that begins with "/" and has no blanks, or MAJOR:MINOR',
      received: device,
    });
  }
  return device;
}

/** Formats an unsigned 64-bit number in decimal. @throws InputError */
export function u64Word(value: bigint | number, field: string): string {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!whole || value < 0 || value > U64_MAX) {
    throw new InputError({
      field,
      expected: `a bigint or a safe integer, from 0 to ${U64_MAX}`,
      received: value,
    });
  }
  return String(value);
}

/** Formats a number of sectors. @throws InputError */
export const sectorsWord = (value: SectorsInput, field: string): string => u64Word(value, field);

/** Formats a device and the offset of its data. @throws InputError */
export function placeWords(
  place: { readonly device: string; readonly offset?: SectorsInput },
  field: string,
): string {
  isObject(place, field);
  const { device, offset = 0n } = place;
  return `${deviceWord(device, `${field}.device`)} ${sectorsWord(offset, `${field}.offset`)}`;
}

/** Formats a number within bounds in decimal. @throws InputError */
export function countWord(value: number, field: string, min: number, max: number): string {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new InputError({
      field,
      expected: `an integer from ${min} to ${max}`,
      received: value,
    });
  }
  return String(value);
}
