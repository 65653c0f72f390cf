// flock(2): advisory locks that the kernel drops when their holder dies, however it dies.

import { open } from 'node:fs/promises';
import { checkFields, type FieldChecks, isDuration, isFlag, isPath, isSignal } from './checks.ts';
import { errnoNumber } from './errno.ts';
import { syscall } from './libc.ts';
import { pause } from './pause.ts';
import { SyscallError } from './syscall-error.ts';

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** Waiting is a poll: a blocked flock would park a thread, and this can be aborted at any time. */
const RETRY_MS = 50;

/** How to take a lock. */
export interface FlockOptions {
  /** Let others share it. @default false */
  readonly shared?: boolean;
  /** Lock a directory, which must be there. @default false */
  readonly directory?: boolean;
  /** How long to wait for its holder, in milliseconds. @default 0 */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

const FLOCK: FieldChecks<FlockOptions> = {
  shared: isFlag,
  directory: isFlag,
  timeout: isDuration,
  signal: isSignal,
};

/** A lock that is held. Disposing of it lets go. */
export interface Flock extends AsyncDisposable {
  readonly path: string;
  /** Let go. The file stays. */
  readonly release: () => Promise<void>;
}

/**
 * Lock the file `path`, which is made if it is not there; or a directory.
 * @throws SyscallError EAGAIN when somebody else still holds it after `timeout`
 */
export async function lockFile(path: string, options: FlockOptions = {}): Promise<Flock> {
  isPath(path, 'path');
  checkFields(options, FLOCK);
  const { shared = false, directory = false, timeout = 0, signal } = options;
  const file = await (directory ? open(path, 'r') : open(path, 'a+', 0o600));
  const deadline = Date.now() + timeout;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { value, errno } = syscall('flock', [file.fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB]);
      if (value === 0) break;
      if (errno !== errnoNumber('EAGAIN') || Date.now() >= deadline) {
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
