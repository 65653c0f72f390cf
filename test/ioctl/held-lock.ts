// A system call that blocks for as long as a test wants, without root: flock(2) on a lock that is taken.

import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { syscall } from '../../src/ioctl/libc.ts';
import { callInThread, type ThreadedResult } from '../../src/ioctl/threads.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { until } from '../helpers/until.ts';

export const LOCK_SH = 1;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;

/** Calls that are stuck. */
export interface StuckCalls {
  readonly calls: readonly Promise<ThreadedResult>[];
}

/** A lock held by the test. */
export interface HeldLock {
  readonly path: string;
  /** The descriptor that holds it. */
  readonly owner: number;
  /** Another descriptor of the same file, on which a lock has to wait. */
  readonly another: () => number;
  /** Begin `count` calls, each on a descriptor of its own, and come back when the kernel has them all waiting. */
  readonly stick: (count: number, signal?: AbortSignal) => Promise<StuckCalls>;
  /** Let go: every stuck call returns 0. */
  readonly free: () => void;
}

/** How many calls wait for the lock on this file. Source: proc_locks(5). */
export const waiters = (path: string): number => {
  const { ino } = statSync(path);
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => line.includes('->') && line.includes(`:${ino} `)).length;
};

/** Take a lock; what waits for it is freed when the test is over. */
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
