// flock(2): advisory locks. The kernel releases a lock when the process that holds it ends for any reason.

import { open } from 'node:fs/promises';
import {
  checkFields,
  type FieldChecks,
  isDuration,
  isFlag,
  isPath,
  isSignal,
} from '../input/checks.ts';
import { pause } from '../input/pause.ts';
import { errnoNumber } from '../libc/errno.ts';
import { syscall } from '../libc/libc.ts';
import { SyscallError } from '../libc/syscall-error.ts';

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** Waiting polls: a blocking flock would occupy a thread, and polling can be aborted at any time. */
const RETRY_MS = 50;

/** How to take a lock. */
export interface FlockOptions {
  /** Take a shared lock (LOCK_SH). @default false */
  readonly shared?: boolean;
  /** Lock a directory, which must exist. @default false */
  readonly directory?: boolean;
  /** How long to wait for the holder of the lock, in milliseconds. @default 0 */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

const FLOCK: FieldChecks<FlockOptions> = {
  shared: isFlag,
  directory: isFlag,
  timeout: isDuration,
  signal: isSignal,
};

/** A held lock. Disposing of it releases it. */
export interface Flock extends AsyncDisposable {
  readonly path: string;
  /** Releases the lock. The file stays. */
  readonly release: () => Promise<void>;
}

/**
 * Locks the file `path`, or with `directory` a directory. A missing file is created.
 * @throws SyscallError EAGAIN if another process still holds the lock after `timeout`
 */
export async function lockFile(path: string, options: FlockOptions = {}): Promise<Flock> {
  isPath(path, 'path');
  checkFields(options, FLOCK);
  const { shared = false, directory = false, timeout = 0, signal } = options;
  const file = await (directory ? open(path, 'r') : open(path, 'a+', 0o600));
  const deadline = performance.now() + timeout;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { value, errno } = syscall('flock', [file.fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB]);
      if (value === 0) break;
      if (errno !== errnoNumber('EAGAIN') || performance.now() >= deadline) {
        throw new SyscallError({ syscall: 'flock', errno, path });
      }
      await pause(RETRY_MS, signal);
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  const release = (): Promise<void> => file.close();
  return { path, release, [Symbol.asyncDispose]: release };
}
