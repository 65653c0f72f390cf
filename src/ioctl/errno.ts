// errno numbers into the codes and words that Node's own errors carry.

import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** Errors that the kernel returns to us and libuv has no name for (<asm-generic/errno.h>). */
const UNKNOWN_TO_LIBUV: ReadonlyMap<number, readonly [code: string, words: string]> = new Map([
  [8, ['ENOEXEC', 'exec format error']],
  [10, ['ECHILD', 'no child processes']],
  [15, ['ENOTBLK', 'block device required']],
  [33, ['EDOM', 'numerical argument out of domain']],
  [35, ['EDEADLK', 'resource deadlock avoided']],
  [37, ['ENOLCK', 'no locks available']],
  [42, ['ENOMSG', 'no message of desired type']],
  [43, ['EIDRM', 'identifier removed']],
  [60, ['ENOSTR', 'device not a stream']],
  [62, ['ETIME', 'timer expired']],
  [63, ['ENOSR', 'out of streams resources']],
  [67, ['ENOLINK', 'link has been severed']],
  [72, ['EMULTIHOP', 'multihop attempted']],
  [74, ['EBADMSG', 'bad message']],
  [102, ['ENETRESET', 'network dropped connection on reset']],
  [115, ['EINPROGRESS', 'operation now in progress']],
  [116, ['ESTALE', 'stale file handle']],
  [117, ['EUCLEAN', 'structure needs cleaning']],
  [122, ['EDQUOT', 'disk quota exceeded']],
  [126, ['ENOKEY', 'required key not available']],
  [127, ['EKEYEXPIRED', 'key has expired']],
  [128, ['EKEYREVOKED', 'key has been revoked']],
  [129, ['EKEYREJECTED', 'key was rejected by service']],
]);

/** libuv numbers errors of its own making, such as EOF, from 3000 on: past any kernel's. */
const LIBUV_OWN = 3000;
const libuv: ReadonlyMap<number, readonly [string, string]> = new Map(
  [...getSystemErrorMap()].filter(([errno]) => -errno < LIBUV_OWN),
);

const lookUp = (errno: number): readonly [string, string] | undefined =>
  libuv.get(-errno) ?? UNKNOWN_TO_LIBUV.get(errno);

/** The code of a positive errno, such as `'EBUSY'` for 16; `'Unknown system error 9999'` for one nobody names. */
export const errnoCode = (errno: number): string =>
  lookUp(errno)?.[0] ?? `Unknown system error ${errno}`;

/** The words of a positive errno, such as `'resource busy or locked'` for 16. */
export const errnoWords = (errno: number): string => lookUp(errno)?.[1] ?? 'unknown error';

const numbers: ReadonlyMap<string, number> = new Map([
  ...[...UNKNOWN_TO_LIBUV].map(([errno, [code]]): [string, number] => [code, errno]),
  ...[...libuv].map(([errno, [code]]): [string, number] => [code, -errno]),
  ...Object.entries(constants.errno),
]);

/** Whether two codes name the same errno: EOPNOTSUPP and ENOTSUP do, and Node says the latter. */
export const isSameErrno = (a: string, b: string): boolean =>
  a === b || (numbers.has(a) && numbers.get(a) === numbers.get(b));

/**
 * The positive errno of a code: 16 for `'EBUSY'`.
 * @throws RangeError for a code that names no errno.
 */
export function errnoNumber(code: string): number {
  const errno = numbers.get(code);
  if (errno === undefined)
    throw new RangeError(`Expected an errno code such as EBUSY, got ${code}`);
  return errno;
}
