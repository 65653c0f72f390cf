// Reading a target's text word by word, with the field named when one is wrong.

import { isObject } from '../../ioctl/checks.ts';
import { U64_MAX } from '../../ioctl/record.ts';
import { expectation, InputError, ReplyError } from '../errors.ts';
import type { SectorsInput } from '../units.ts';

/** A word that the kernel reports: one of those that the library knows, or a newer kernel's. */
export type Reported<T extends string> = T | (string & {});

/** Parameters as a table reads back: in the fields `K` a newer kernel may have other words. */
export type ReportedIn<P, K extends keyof P> = Omit<P, K> & {
  [N in keyof Pick<P, K>]: P[N] extends string | undefined ? P[N] | (string & {}) : P[N];
};

/** The words of a text, taken from the left. */
export class Words {
  #words: readonly string[];
  readonly #target: string;
  #next = 0;
  /** Where the words end that are taken here: a group shares the words of its text. */
  #end: number;
  /** Words that were taken and have no place in the record. */
  readonly #kept: string[] = [];

  /**
   * `target` names the text in errors: `'thin-pool status'`. `strict`: words are parted by one blank, and nothing is
   * before the first; a kernel's text has one blank behind it, if any.
   */
  constructor(
    text: string,
    target: string,
    { strict = false }: { readonly strict?: boolean } = {},
  ) {
    const words = (strict ? text.replace(/ $/, '') : text).split(' ');
    this.#words = strict && text !== '' ? words : words.filter((word) => word !== '');
    this.#end = this.#words.length;
    this.#target = target;
  }

  #fail(field: string, expected: string, received: string | undefined): never {
    this.refuse(field, expected, received);
  }

  /** The last word taken is wrong. @throws ReplyError always, with the field and where the word stands */
  refuse(field: string, expected: string, received: string | undefined): never {
    const at = `${this.#target}, ${field} (word ${this.#next})`;
    throw new ReplyError(`${at}: ${expectation(expected, received)}`);
  }

  /** Whether words are left. */
  get more(): boolean {
    return this.#next < this.#end;
  }

  /** The next word, left where it is; `undefined` at the end. */
  get next(): string | undefined {
    return this.more ? this.#words[this.#next] : undefined;
  }

  /** The next word. */
  word(field: string): string {
    const word = this.next;
    this.#next += 1;
    return word ? word : this.#fail(field, 'a word', word);
  }

  /** The next word, which must be this one: a label between values. */
  label(field: string, label: string): void {
    const word = this.word(field);
    if (word !== label) this.#fail(field, label, word);
  }

  /** The next word: one of `known` in any case, or the word of a newer kernel as it is. */
  known<T extends string>(field: string, known: readonly T[]): Reported<T> {
    const word = this.word(field);
    return known.find((one) => one === word.toLowerCase()) ?? word;
  }

  /** Whether the next word is `yes`. The word of a newer kernel, which is neither, is one of `rest`. */
  flag(field: string, yes: string, no: string): boolean {
    const word = this.word(field);
    if (word !== yes && word !== no) this.#kept.push(word);
    return word === yes;
  }

  /** The next word as an unsigned 64-bit decimal. */
  u64(field: string): bigint {
    const word = this.word(field);
    return decimal(word) ?? this.#fail(field, 'an unsigned 64-bit decimal number', word);
  }

  /** The next word as an unsigned 64-bit decimal, or `undefined` for `-`. */
  u64OrDash(field: string): bigint | undefined {
    if (this.next !== '-') return this.u64(field);
    this.#next += 1;
    return undefined;
  }

  /** The next word as a decimal count that a number holds exactly. */
  count(field: string): number {
    const value = this.u64(field);
    return value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : this.#fail(field, 'a count', String(value));
  }

  /** The next word as a decimal integer, with `-` before it if negative, that a number holds exactly. */
  integer(field: string): number {
    const word = this.word(field);
    const value = /^-?\d{1,16}$/.test(word) ? Number(word) : undefined;
    return Number.isSafeInteger(value) ? value! : this.#fail(field, 'an integer', word);
  }

  /** The next word as an unsigned 32-bit number in hexadecimal, without `0x`. */
  hex(field: string): number {
    const word = this.word(field);
    return /^[0-9a-f]{1,8}$/i.test(word)
      ? Number.parseInt(word, 16)
      : this.#fail(field, 'an unsigned 32-bit hexadecimal number', word);
  }

  /** The next word as `used/total`; `over`: where more than all can be in use. */
  ratio(
    field: string,
    { over = false }: { readonly over?: boolean } = {},
  ): { readonly used: bigint; readonly total: bigint } {
    const [used, total] = this.#pair(field, '/', 'USED/TOTAL');
    if (used > total && !over) this.#fail(field, 'USED/TOTAL', `${used}/${total}`);
    return { used, total };
  }

  /** The next word as `segment:offset`. */
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

  /** A group of which nothing may be left of the text, not even its count: then it has no words. */
  lastGroup(field: string): Words {
    return this.more ? this.group(field) : new Words('', this.#target);
  }

  /** A count, and the words that it counts on their own. */
  group(field: string): Words {
    const count = this.count(`${field} count`);
    const left = this.#end - this.#next;
    if (count > left) this.#fail(`${field} count`, `at most the ${left} words left`, `${count}`);
    const group = this.#part(count);
    this.#next += count;
    return group;
  }

  /** The next `count` words on their own; they are left where they are. */
  #part(count: number): Words {
    const part = new Words('', this.#target);
    part.#words = this.#words;
    part.#next = this.#next;
    part.#end = this.#next + count;
    return part;
  }

  /** What a newer kernel added: words that no field could hold, and all words that are left. */
  rest(): readonly string[] {
    const rest: string[] = [...this.#kept];
    while (this.more) rest.push(this.word('further word'));
    return rest;
  }
}

function decimal(word: string | undefined): bigint | undefined {
  if (word === undefined || !/^\d{1,20}$/.test(word)) return undefined;
  const value = BigInt(word);
  return value <= U64_MAX ? value : undefined;
}

/** A device word of a table: a path or `major:minor`, one word. @throws InputError */
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

/** A number as the kernel reads it: unsigned 64-bit, decimal. @throws InputError */
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

/** Sectors as the kernel reads them. @throws InputError */
export const sectorsWord = (value: SectorsInput, field: string): string => u64Word(value, field);

/** A device and where its data begins on it. @throws InputError */
export function placeWords(
  place: { readonly device: string; readonly offset?: SectorsInput },
  field: string,
): string {
  isObject(place, field);
  const { device, offset = 0n } = place;
  return `${deviceWord(device, `${field}.device`)} ${sectorsWord(offset, `${field}.offset`)}`;
}

/** A number within bounds, decimal. @throws InputError */
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
