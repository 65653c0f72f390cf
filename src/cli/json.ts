// JSON output: one document a run, the same keys every time.

import type { Io } from './io.ts';

const sized = (value: bigint): number | string =>
  value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER ? `${value}` : Number(value);

const plain = (_: string, part: unknown): unknown =>
  typeof part === 'bigint' ? sized(part) : part === undefined ? null : part;

/** A value as JSON. A bigint is a number as far as that is exact, and a string beyond; what is undefined is null. */
export const toJson = (value: unknown): string => JSON.stringify(value, plain, 2);

/** The same on one line, for a stream of documents. */
export const toJsonLine = (value: unknown): string => JSON.stringify(value, plain);

/** Print the document. */
export function printJson({ stdout }: Io, value: unknown): void {
  stdout.write(`${toJson(value)}\n`);
}
