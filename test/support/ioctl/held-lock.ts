// A system call that blocks for a controlled time, without root: flock(2) on a held lock.

import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { syscall } from '../../../src/ioctl/libc/libc.ts';
import { callInThread, type ThreadedResult } from '../../../src/ioctl/thread/threads.ts';
import { tempDir } from '../temp-dir.ts';
import { until } from '../until.ts';

export const LOCK_SH = 1;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;

/** Blocked calls. */
export interface StuckCalls {
  readonly calls: readonly Promise<ThreadedResult>[];
}

/** A lock that the test holds. */
export interface HeldLock {
  readonly path: string;
  /** The descriptor that holds the lock. */
  readonly owner: number;
  /** Open another descriptor of the same file. A lock on it waits. */
  readonly another: () => number;
  /** Start `count` calls, each on its own descriptor. Resolves when all of them wait in the kernel. */
  readonly stick: (count: number, signal?: AbortSignal) => Promise<StuckCalls>;
  /** Release the lock: every blocked call returns 0. */
  readonly free: () => void;
}

/** Number of calls that wait for the lock on this file. Source: proc_locks(5). */
export const waiters = (path: string): number => {
  const { ino } = statSync(path);
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => line.includes('->') && line.includes(`:${ino} `)).length;
};

/** Take a lock. The end of the test releases it and unblocks the waiting calls. */
export function holdLock(t: ExecutionContext): HeldLock {
  const path = join(tempDir(t), 'lock');
  const open: number[] = [];
  const another = (): number => {
    const fd = openSync(path, 'a');
    open.push(fd);
    return fd;
  };
  const owner = another();
  syscall('flock', [owner, LOCK_EX]);
  const free = (): void => void syscall('flock', [owner, LOCK_UN]);
  const stuck: Promise<unknown>[] = [];
  t.teardown(async () => {
    free();
    await Promise.allSettled(stuck);
    for (const fd of open) closeSync(fd);
  });
  return {
    path,
    owner,
    another,
    free,
    stick: async (count, signal) => {
      const before = waiters(path);
      const calls = Array.from({ length: count }, () =>
        callInThread('flock', [another(), LOCK_SH], signal),
      );
      stuck.push(...calls);
      await until(`${count} calls that wait for a lock`, () => waiters(path) >= before + count);
      return { calls };
    },
  };
}
