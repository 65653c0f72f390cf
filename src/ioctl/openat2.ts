// openat2(2), Linux 5.6: opening a path below a directory, with the kernel itself keeping it from leaving there.
// Source: <linux/openat2.h>.

import { constants } from 'node:fs';
import { cText } from './c-text.ts';
import { errnoNumber } from './errno.ts';
import { syscall } from './libc.ts';
import { type RecordCodec, record, u64 } from './record.ts';
import { SyscallError } from './syscall-error.ts';
import { callInThread } from './threads.ts';

/** Open no file, only say which one it is: nothing can be read from it, and no device or fifo notices. */
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

/** How a path may lead from the directory to what it names. */
export type Containment =
  /** No symbolic link on the way, no `..` above the directory, no mount point. */
  | 'beneath'
  /** Symbolic links and `..` as after chroot(2) into the directory: they never lead out. No mount point. */
  | 'in-root';

const WAYS: Readonly<Record<Containment, number>> = {
  beneath: RESOLVE.beneath | RESOLVE.noSymlinks | RESOLVE.noMagiclinks | RESOLVE.noXdev,
  'in-root': RESOLVE.inRoot | RESOLVE.noMagiclinks | RESOLVE.noXdev,
};

/** A directory below another one. */
export interface DirectoryCall {
  /** The descriptor of the directory that is not to be left. */
  readonly root: number;
  /** Relative to it, as bytes; empty for itself. */
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
 * A descriptor of a directory below another one, good for `/proc/self/fd` and as a `dirfd` only. The caller closes it.
 * Made on this thread: for a directory that is known to be there, whose path the kernel has at hand.
 * @throws SyscallError ELOOP for a symbolic link, EXDEV for a way out, ENOSYS before Linux 5.6
 */
export function openDirectoryBelow(call: DirectoryCall): number {
  const { value, errno } = syscall('openat2', argumentsOf(call));
  return descriptor(call, value, errno);
}

/** The same on a thread of its own, for a path that has to be looked up on disk. */
export async function openDirectoryBelowInThread(
  call: DirectoryCall,
  signal?: AbortSignal,
): Promise<number> {
  for (let tries = 1; ; tries++) {
    const { value, errno } = await callInThread('openat2', argumentsOf(call), signal);
    // A `..` while something is renamed or mounted, anywhere: the kernel asks to try again.
    if (value === -1 && errno === EAGAIN && tries < TRIES) continue;
    return descriptor(call, value, errno);
  }
}
