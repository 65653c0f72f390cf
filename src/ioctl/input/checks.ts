// Run-time checks of arguments, before any system call, for callers without TypeScript; and the types of numbers with a
// unit.

import { U64_MAX } from '../struct/record.ts';
import { InputError } from './input-error.ts';

declare const unit: unique symbol;

/** A number with a unit. Arithmetic gives a plain number, which any quantity accepts. */
export type Quantity<Unit extends string, N extends bigint | number = bigint> = N & {
  readonly [unit]?: Unit;
};

/** Bytes: a bigint, or with `Bytes<number>` a number for values that are always small. */
export type Bytes<N extends bigint | number = bigint> = Quantity<'bytes', N>;

/** Checks a value. @throws InputError naming the field */
export type Check = (value: unknown, field: string) => void;

/** One check for each field of `T`. */
export type FieldChecks<T> = { readonly [K in keyof Required<T>]: Check };

const check =
  (holds: (value: unknown) => boolean, expected: string): Check =>
  (received, field) => {
    if (!holds(received)) throw new InputError({ field, expected, received });
  };

/** Whether a value is an object and not an array. */
const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isMethod = (value: unknown, name: string): boolean =>
  typeof (value as Record<string, unknown> | null | undefined)?.[name] === 'function';

/** A string. It may be empty. */
export const isText: Check = check((value) => typeof value === 'string', 'a string');

/** A path of a file or device. */
export const isPath: Check = check(
  (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
  'a path, a non-empty string without NUL',
);

/** A boolean. */
export const isFlag: Check = check((value) => typeof value === 'boolean', 'a boolean');

/** An `AbortSignal`. */
export const isSignal: Check = check(
  (value) => isMethod(value, 'addEventListener') && isMethod(value, 'throwIfAborted'),
  'an AbortSignal',
);

/** A function. */
export const isFunction: Check = check((value) => typeof value === 'function', 'a function');

/** An object with fields. */
export const isObject: Check = check(isRecord, 'an object');

/** An array. */
export const isList: Check = check((value) => Array.isArray(value), 'an array');

/** An array whose items all pass `item`. */
export const isListOf =
  (item: Check): Check =>
  (value, field) => {
    isList(value, field);
    for (const [i, one] of (value as unknown[]).entries()) item(one, `${field}[${i}]`);
  };

/** An array of strings. */
export const isTextList: Check = isListOf(isText);

/** A duration in milliseconds; `Infinity` means no limit. */
export const isDuration: Check = check(
  (value) => typeof value === 'number' && value >= 0,
  'a non-negative number of milliseconds',
);

/** A percentage, from 0 to 100. */
export const isPercent: Check = check(
  (value) => typeof value === 'number' && value >= 0 && value <= 100,
  'a number from 0 to 100',
);

/** A size, an offset or a count: a bigint or a safe integer. */
export const isQuantity: Check = check(
  (value) =>
    (typeof value === 'bigint' || Number.isSafeInteger(value)) &&
    (value as bigint) >= 0 &&
    (value as bigint) <= U64_MAX,
  `a bigint or a safe integer, from 0 to ${U64_MAX}`,
);

/** A device number as the kernel encodes it, a bigint. */
export const isDeviceNumber: Check = check(
  (value) => typeof value === 'bigint' && value >= 0n,
  'a device number as a bigint',
);

/** A readable stream. */
export const isReadable: Check = check(
  (value) => isMethod(value, 'pipe') && isMethod(value, 'read'),
  'a Readable stream',
);

/** One of the given words. */
export const isOneOf = (...words: readonly string[]): Check =>
  check((value) => words.includes(value as string), words.map((word) => `"${word}"`).join(' or '));

/** An object with these methods. */
export const hasMethods = (expected: string, ...names: readonly string[]): Check =>
  check((value) => isRecord(value) && names.every((name) => isMethod(value, name)), expected);

/** No check here: later code checks this value. */
export const checkedLater: Check = () => undefined;

/**
 * Checks the options of a call: `options` is an object, each field that is not `undefined` passes its check, and the
 * fields in `required` are present.
 * @throws InputError naming the field
 */
export function checkFields<T extends object>(
  options: T,
  checks: FieldChecks<T>,
  required: readonly (keyof T & string)[] = [],
  field = 'options',
): void {
  isObject(options, field);
  for (const [name, check] of Object.entries<Check>(checks)) {
    const value: unknown = options[name as keyof T];
    if (value !== undefined || required.includes(name as keyof T & string)) check(value, name);
  }
}

/** The checks of options that have only a signal. */
export const SIGNAL: FieldChecks<{ readonly signal?: AbortSignal | undefined }> = {
  signal: isSignal,
};
