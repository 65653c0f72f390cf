// openat2(2), Linux 5.6: opens a path below a directory; the kernel prevents the path from leaving the directory.
// Source: <linux/openat2.h>.

import { constants } from 'node:fs';
import { errnoNumber } from '../libc/errno.ts';
import { syscall } from '../libc/libc.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { cText } from '../struct/c-values.ts';
import { type RecordCodec, record, u64 } from '../struct/record.ts';

/** Obtain a descriptor that only identifies a file: it cannot be read, and a device or fifo is not opened. */
export const O_PATH: number = 0o10000000;
const EAGAIN = errnoNumber('EAGAIN');
const TRIES = 1000;
const O_CLOEXEC = 0o2000000;

const RESOLVE = { noXdev: 1, noMagiclinks: 2, noSymlinks: 4, beneath: 8, inRoot: 16 } as const;

const openHow: RecordCodec<{
  readonly flags: bigint;
  readonly mode: bigint;
  readonly resolve: bigint;
}> = record('open_how', 24, { flags: u64(0), mode: u64(8), resolve: u64(16) });

/** How the kernel confines a path to the directory. */
export type Containment =
  /** The path must not contain symbolic links, `..` above the directory, or mount points. */
  | 'beneath'
  /** Symbolic links and `..` resolve as after chroot(2) into the directory. The path must not cross mount points. */
  | 'in-root';

const WAYS: Readonly<Record<Containment, number>> = {
  beneath: RESOLVE.beneath | RESOLVE.noSymlinks | RESOLVE.noMagiclinks | RESOLVE.noXdev,
  'in-root': RESOLVE.inRoot | RESOLVE.noMagiclinks | RESOLVE.noXdev,
};

/** The path of a directory below another directory. */
export interface DirectoryCall {
  /** The descriptor of the directory that the path must not leave. */
  readonly root: number;
  /** The path relative to `root`, as bytes; empty for `root` itself. */
  readonly path: Uint8Array;
  readonly way: Containment;
}

const argumentsOf = ({ root, path, way }: DirectoryCall) => [
  root,
  cText(path.length === 0 ? Buffer.from('.') : path),
  openHow.encode({
    flags: BigInt(O_PATH | constants.O_DIRECTORY | O_CLOEXEC),
    mode: 0n,
    resolve: BigInt(WAYS[way]),
  }),
  openHow.size,
];

function descriptor({ path }: DirectoryCall, value: number, errno: number): number {
  if (value !== -1) return value;
  throw new SyscallError({ syscall: 'openat2', errno, path: Buffer.from(path).toString() });
}

/**
 * Opens a directory below another one. The descriptor works only for `/proc/self/fd` and as a `dirfd`; the caller closes
 * it. The call blocks this thread while the kernel reads the path from disk.
 * @throws SyscallError ELOOP for a symbolic link, EXDEV for a path that leaves `root`, ENOSYS before Linux 5.6
 */
export function openDirectoryBelow(call: DirectoryCall): number {
  for (let tries = 1; ; tries++) {
    const { value, errno } = syscall('openat2', argumentsOf(call));
    // For a path with `..`, a concurrent rename or mount anywhere makes the kernel return EAGAIN.
    if (value === -1 && errno === EAGAIN && tries < TRIES) continue;
    return descriptor(call, value, errno);
  }
}
