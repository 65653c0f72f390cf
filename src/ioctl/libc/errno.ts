// Converts errno numbers to the codes and texts of Node's own errors.

import type { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { ALIASES, LINUX_CODES, WORDS_UNKNOWN_TO_LIBUV } from './errno-table.ts';

const codes: ReadonlyMap<number, string> = new Map(
  LINUX_CODES.map((code, i): [number, string] => [i + 1, code]).filter(([, code]) => code !== '-'),
);

const numbers: ReadonlyMap<string, number> = new Map(
  [...codes].map(([errno, code]): [string, number] => [code, errno]),
);

/** Keyed by code, not by number: libuv's texts are the same on every system, its numbers are the system's. */
const words: ReadonlyMap<string, string> = new Map([
  ...Object.entries(WORDS_UNKNOWN_TO_LIBUV),
  ...getSystemErrorMap().values(),
  // libuv's text is too narrow: 'operation not supported on socket'.
  ['ENOTSUP', 'operation not supported'],
]);

/** The code of a positive errno, such as `'EBUSY'` for 16; `'Unknown system error 9999'` for an unknown one. */
export const errnoCode = (errno: number): string =>
  codes.get(errno) ?? `Unknown system error ${errno}`;

/** The text of a positive errno, such as `'resource busy or locked'` for 16. */
export const errnoWords = (errno: number): string => words.get(errnoCode(errno)) ?? 'unknown error';

const find = (code: string): number | undefined =>
  numbers.get(Object.hasOwn(ALIASES, code) ? ALIASES[code]! : code);

/** Whether two codes name the same errno: EOPNOTSUPP and ENOTSUP do, and Node uses ENOTSUP. */
export const isSameErrno = (a: string, b: string): boolean =>
  a === b || (find(a) !== undefined && find(a) === find(b));

/** The Linux name of an errno. `EOPNOTSUPP` is `ENOTSUP` here, as in Node; `EWOULDBLOCK` is `EAGAIN`. */
export type ErrnoCode =
  | Exclude<keyof typeof constants.errno, 'EOPNOTSUPP' | 'EWOULDBLOCK'>
  | 'ENOTBLK'
  | 'EUCLEAN'
  | 'EDQUOT'
  | 'ENOKEY';

/**
 * Whether a system call of Node or of dmts failed with one of these errnos. It compares numbers: Node's own errors have
 * no code for an errno that libuv does not know, such as EDQUOT.
 */
export function isErrno(error: unknown, ...codes: readonly ErrnoCode[]): boolean {
  if (!(error instanceof Error)) return false;
  const { errno, code } = error as NodeJS.ErrnoException;
  const number = errno === undefined ? find(String(code)) : -errno;
  return number !== undefined && codes.some((code) => find(code) === number);
}

/**
 * The positive errno of a code: 16 for `'EBUSY'`.
 * @throws RangeError for an unknown code
 */
export function errnoNumber(code: string): number {
  const errno = find(code);
  if (errno === undefined)
    throw new RangeError(`invalid errno code: expected a code such as EBUSY, got ${code}`);
  return errno;
}

/** The message of one of Node's own errors, completed with the code and text of an errno that libuv does not know. */
export const messageOf = (error: unknown): string =>
  (error as Error).message.replace(
    /Unknown system error -(\d+): Unknown system error -\1/,
    (_, errno: string) => `${errnoCode(Number(errno))}: ${errnoWords(Number(errno))}`,
  );
