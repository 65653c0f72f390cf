// Extended attributes. Symbolic links are not followed, and the calls block this thread. Source: xattr(7).

import { errnoNumber } from '../libc/errno.ts';
import { syscall } from '../libc/libc.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { cText } from '../struct/c-values.ts';

/** XATTR_LIST_MAX and XATTR_SIZE_MAX of <linux/limits.h>, the limits of a list and a value. */
const MAX = 65536;
const USUAL = 1024;
const NO_ATTRIBUTES = ['ENOTSUP', 'ENODATA'].map(errnoNumber);
const ERANGE = errnoNumber('ERANGE');

/** Reads with a small, then with a full buffer; `undefined` for ENODATA or a filesystem without extended attributes. */
function read(
  name: 'llistxattr' | 'lgetxattr',
  args: readonly Uint8Array[],
  path: Uint8Array,
): Buffer | undefined {
  for (const size of [USUAL, MAX]) {
    const buffer = Buffer.alloc(size);
    const { value, errno } = syscall(name, [...args, buffer, size]);
    if (value !== -1) return buffer.subarray(0, value);
    if (NO_ATTRIBUTES.includes(errno)) return undefined;
    if (errno !== ERANGE || size === MAX) {
      throw new SyscallError({ syscall: name, errno, path: Buffer.from(path).toString() });
    }
  }
  return undefined;
}

/** The names of a file's extended attributes, sorted, with one character per byte. @throws SyscallError */
export function listXattrs(path: Uint8Array): readonly string[] {
  const names = read('llistxattr', [cText(path)], path)?.toString('latin1') ?? '';
  return names
    .split('\0')
    .filter((name) => name !== '')
    .sort();
}

/** The value of an extended attribute; `undefined` if the file does not have it. @throws SyscallError */
export const getXattr = (path: Uint8Array, name: string): Buffer | undefined =>
  read('lgetxattr', [cText(path), cText(Buffer.from(name, 'latin1'))], path);

/** Creates or replaces an extended attribute. @throws SyscallError */
export function setXattr(path: Uint8Array, name: string, value: Uint8Array): void {
  // The bytes of a call must not be empty.
  const bytes = value.length === 0 ? Buffer.alloc(1) : value;
  const args = [cText(path), cText(Buffer.from(name, 'latin1')), bytes, value.length, 0];
  const result = syscall('lsetxattr', args);
  if (result.value === -1) fail('lsetxattr', result.errno, name, path);
}

/** Removes an extended attribute. @throws SyscallError ENODATA if the file does not have it */
export function removeXattr(path: Uint8Array, name: string): void {
  const args = [cText(path), cText(Buffer.from(name, 'latin1'))];
  const { value, errno } = syscall('lremovexattr', args);
  if (value === -1) fail('lremovexattr', errno, name, path);
}

function fail(name: string, errno: number, operation: string, path: Uint8Array): never {
  throw new SyscallError({ syscall: name, errno, operation, path: Buffer.from(path).toString() });
}
