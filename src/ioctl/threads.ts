// System calls that can sleep, made on threads of our own: neither the event loop nor libuv's four
// threads ever wait for the kernel. A call that is stuck is cancelled by a signal to its thread.

import { CallPool } from './call-pool.ts';
import type { ThreadedResult } from './call-worker.ts';
import { errnoNumber } from './errno.ts';
import { checkSyscall, type SyscallArgument, type SyscallName } from './libc.ts';
import { makeLoadTurns } from './load-turns.ts';

export type { ThreadedResult } from './call-worker.ts';

const EINTR = errnoNumber('EINTR');

/** One set serves the thread that this is loaded in, as libuv's does the process. */
const pool = new CallPool(makeLoadTurns());

/**
 * Make a system call that can sleep, without blocking this thread, and give what it returned to its first attempt:
 * for a request whose bytes the kernel may have wiped when it returns EINTR.
 *
 * Bytes among the arguments that own their memory are lent: they become unusable here, and come back in the result.
 * Others are copied, stay as they were, and the copies are in the result. See `lend`.
 * An abort interrupts the call, which then returns EINTR if it had not ended; it rejects only where the
 * call had not begun. Without an abort EINTR means only that the call is to be made again.
 */
export const callOnceInThread = (
  name: SyscallName,
  args: readonly SyscallArgument[],
  signal?: AbortSignal,
): Promise<ThreadedResult> => {
  checkSyscall(name);
  return pool.call({ name, args }, signal);
};

/**
 * As `callOnceInThread`, but a call that is interrupted without an abort is made again with the bytes that came back.
 * Linux returns it only from a call that has changed nothing and can be made again.
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
