// Reading a target's text word by word, with the field named when one is wrong.

import { U64_MAX } from '../../ioctl/record.ts';
import { InputError } from '../errors.ts';
import type { Sectors } from '../table.ts';

/** The words of a text, taken from the left. */
export class Words {
  readonly #words: readonly string[];
  readonly #target: string;
  #next = 0;

  /** `target` names the text in errors: `'thin-pool status'`. */
  constructor(text: string, target: string) {
    this.#words = text.split(' ').filter((word) => word !== '');
    this.#target = target;
  }

  #fail(field: string, expected: string, received: string | undefined): never {
    throw new InputError({
      field: `${this.#target}, ${field} (word ${this.#next})`,
      expected,
      received,
    });
  }

  /** Whether words are left. */
  get more(): boolean {
    return this.#next < this.#words.length;
  }

  /** The next word. */
  word(field: string): string {
    const word = this.#words[this.#next++];
    return word ?? this.#fail(field, 'a word', undefined);
  }

  /** The next word, which must be one of `choices`. */
  choice<T extends string>(field: string, choices: readonly T[]): T {
    const word = this.word(field);
    const found = choices.find((choice) => choice === word);
    return found ?? this.#fail(field, choices.join(' or '), word);
  }

  /** The next word as an unsigned 64-bit decimal. */
  u64(field: string): bigint {
    const word = this.word(field);
    return decimal(word) ?? this.#fail(field, 'an unsigned 64-bit decimal number', word);
  }

  /** The next word as a decimal count that a number holds exactly. */
  count(field: string): number {
    const value = this.u64(field);
    return value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : this.#fail(field, 'a count', String(value));
  }

  /** The next word as `used/total`. */
  ratio(field: string): { readonly used: bigint; readonly total: bigint } {
    const word = this.word(field);
    const parts = word.split('/');
    const used = decimal(parts[0]);
    const total = decimal(parts[1]);
    if (parts.length !== 2 || used === undefined || total === undefined) {
      this.#fail(field, 'USED/TOTAL', word);
    }
    return { used, total };
  }

  /** All words that are left: what a newer kernel added. */
  rest(): readonly string[] {
    const rest = this.#words.slice(this.#next);
    this.#next = this.#words.length;
    return rest;
  }

  /** Nothing may be left. */
  end(): void {
    if (this.more) this.#fail('end', 'no further word', this.word('end'));
  }
}

function decimal(word: string | undefined): bigint | undefined {
  if (word === undefined || !/^\d{1,20}$/.test(word)) return undefined;
  const value = BigInt(word);
  return value <= U64_MAX ? value : undefined;
}

/** A device word of a table: a path or `major:minor`, one word. @throws InputError */
export function deviceWord(device: string, field: string): string {
  if (typeof device !== 'string' || !/^(\d+:\d+|\/\S+)$/.test(device)) {
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
export const sectorsWord = (value: Sectors, field: string): string => u64Word(value, field);

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
