// Where a file has data and where it has holes. Source: lseek(2), SEEK_DATA and SEEK_HOLE.

import { errnoNumber } from './errno.ts';
import { syscall } from './libc.ts';
import { SyscallError } from './syscall-error.ts';

const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const ENXIO = errnoNumber('ENXIO');
const EINVAL = errnoNumber('EINVAL');

function seek(fd: number, offset: bigint, whence: number): bigint | undefined {
  const { value, errno } = syscall('lseek', [fd, offset, whence]);
  if (value !== -1) return BigInt(value);
  if (errno === ENXIO) return undefined;
  // A filesystem that knows no holes: data throughout.
  if (errno === EINVAL) return whence === SEEK_DATA ? offset : undefined;
  throw new SyscallError({ syscall: 'lseek', errno });
}

/** The first byte at or after `offset` that is not in a hole, undefined if all the rest is. Moves the file's position. */
export const nextData = (fd: number, offset: bigint): bigint | undefined =>
  seek(fd, offset, SEEK_DATA);

/** The first byte at or after `offset` that is in a hole, undefined if there is none. Moves the file's position. */
export const nextHole = (fd: number, offset: bigint): bigint | undefined =>
  seek(fd, offset, SEEK_HOLE);
