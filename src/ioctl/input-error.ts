// The error for input that is refused before any system call.

import { inspect } from 'node:util';

/** Input that was refused before any system call. */
export class InputError extends TypeError {
  readonly code = 'ERR_DMTS_INPUT';
  /** Which part of the input: `'table[1].start'`. */
  readonly field: string;

  constructor(options: {
    readonly field: string;
    /** What would have been right, in words. */
    readonly expected: string;
    readonly received?: unknown;
  }) {
    const { field, expected } = options;
    const got = 'received' in options ? `, got ${shown(options.received)}` : '';
    super(`${field}: expected ${expected}${got}`);
    this.field = field;
  }
}
Object.defineProperty(InputError.prototype, 'name', { value: 'InputError' });

const SHOWN_MAX = 80;

/** A value as an error shows it: not more than `max` characters. */
export function shown(value: unknown, max: number = SHOWN_MAX): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 0 });
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

/** `: expected …, got …` */
export const expectation = (expected: string, received: unknown): string =>
  `expected ${expected}, got ${shown(received)}`;
