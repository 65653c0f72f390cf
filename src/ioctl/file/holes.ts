// Finds the data and the holes of a file. Source: lseek(2), SEEK_DATA and SEEK_HOLE.

import { errnoNumber } from '../libc/errno.ts';
import { syscall } from '../libc/libc.ts';
import { SyscallError } from '../libc/syscall-error.ts';

const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const ENXIO = errnoNumber('ENXIO');
const EINVAL = errnoNumber('EINVAL');

function seek(fd: number, offset: bigint, whence: number): bigint | undefined {
  const { value, errno } = syscall('lseek', [fd, offset, whence]);
  if (value !== -1) return BigInt(value);
  if (errno === ENXIO) return undefined;
  // The filesystem does not support holes: everything is data.
  if (errno === EINVAL) return whence === SEEK_DATA ? offset : undefined;
  throw new SyscallError({ syscall: 'lseek', errno });
}

/** Offset of the first data byte at or after `offset`; `undefined` if only a hole follows. Moves the file position. */
export const nextData = (fd: number, offset: bigint): bigint | undefined =>
  seek(fd, offset, SEEK_DATA);

/** Offset of the first hole at or after `offset`; `undefined` if no hole follows. Moves the file position. */
export const nextHole = (fd: number, offset: bigint): bigint | undefined =>
  seek(fd, offset, SEEK_HOLE);
