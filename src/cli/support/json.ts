// JSON output: one document per run, always with the same keys.

import type { Io } from './io.ts';

const sized = (value: bigint): number | string =>
  value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER ? `${value}` : Number(value);

const plain = (_: string, part: unknown): unknown =>
  typeof part === 'bigint' ? sized(part) : part === undefined ? null : part;

/** Formats a value as JSON. A bigint becomes a number if that is exact, else a string; undefined becomes null. */
export const toJson = (value: unknown): string => JSON.stringify(value, plain, 2);

/** The same on one line, for a stream of documents. */
export const toJsonLine = (value: unknown): string => JSON.stringify(value, plain);

/** Prints a value as JSON on stdout. */
export function printJson({ stdout }: Io, value: unknown): void {
  stdout.write(`${toJson(value)}\n`);
}
