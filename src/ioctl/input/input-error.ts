// The error for invalid input.

import { inspect } from 'node:util';

/** Invalid input, rejected before any system call. */
export class InputError extends TypeError {
  readonly code = 'ERR_DMTS_INPUT';
  /** The part of the input that is invalid: `'table[1].start'`. */
  readonly field: string;

  constructor(options: {
    readonly field: string;
    /** Description of a valid value. */
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

/** A value as errors show it, cut to `max` characters. */
export function shown(value: unknown, max: number = SHOWN_MAX): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 0 });
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

/** `expected …, got …` */
export const expectation = (expected: string, received: unknown): string =>
  `expected ${expected}, got ${shown(received)}`;
