// Makes system calls that can sleep on call threads, so that neither the event loop nor libuv's four threads wait for
// the kernel. A signal to its thread cancels a blocked call.

import { errnoNumber } from '../libc/errno.ts';
import { checkSyscall, type SyscallArgument, type SyscallName } from '../libc/libc.ts';
import { CallThread, type ThreadedResult } from './call-worker.ts';
import { HelperPool } from './helper-pool.ts';
import { type LoadTurns, makeLoadTurns } from './load-turns.ts';

export type { ThreadedResult } from './call-worker.ts';

const EINTR = errnoNumber('EINTR');

/** Call threads. Four stay. */
export const callPool = (turns: LoadTurns): HelperPool<CallThread> =>
  new HelperPool({
    start: (...args) => new CallThread(...args),
    turns,
    stay: 4,
    surplusMs: 1000,
  });

/** One pool for the thread that loads this module. */
const pool = callPool(makeLoadTurns());

/**
 * Makes a system call that can sleep, without blocking this thread, and without a retry after EINTR: for requests whose
 * bytes the kernel may have wiped by then.
 *
 * Bytes arguments that own their memory are lent: they become unusable here, and the result contains them. Others are
 * copied and stay unchanged, and the result contains the copies. See `lend`.
 * An abort interrupts a running call, which then returns EINTR; it rejects a call that has not started. EINTR without an
 * abort only means that the call must be made again.
 */
export const callOnceInThread = (
  name: SyscallName,
  args: readonly SyscallArgument[],
  signal?: AbortSignal,
): Promise<ThreadedResult> => {
  checkSyscall(name);
  return pool.run((thread) => thread.call({ name, args }, signal), signal);
};

/**
 * Like `callOnceInThread`, but repeats a call that was interrupted without an abort, with the returned bytes. Linux
 * returns EINTR only if the call has changed nothing and can be repeated.
 */
export async function callInThread(
  name: SyscallName,
  args: readonly SyscallArgument[],
  signal?: AbortSignal,
): Promise<ThreadedResult> {
  for (let current = args; ; ) {
    const result = await callOnceInThread(name, current, signal);
    if (result.value !== -1 || result.errno !== EINTR || signal?.aborted) return result;
    const bytes = result.bytes.values();
    current = args.map((each) => (each instanceof Uint8Array ? bytes.next().value! : each));
  }
}
