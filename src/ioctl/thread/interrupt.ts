// Interrupts the system call of another thread with a signal, once or from a given time on.
// Source: tgkill(2), timer_create(2), sigevent(3type), <asm-generic/siginfo.h>.

import { constants } from 'node:os';
import { makeSignalInterrupt, syscall } from '../libc/libc.ts';
import { timespec } from '../struct/c-values.ts';
import { i32, type RecordCodec, record } from '../struct/record.ts';

/** Ignored by default, and passed through by debuggers. Go interrupts its threads with the same signal. */
const SIGNAL = constants.signals.SIGURG;
/** A signal that arrives just before the call starts is lost, so it is sent again until the call has ended. */
export const SIGNAL_EVERY_MS = 5;

const CLOCK_MONOTONIC = 1;
const SIGEV_THREAD_ID = 4;

const sigevent: RecordCodec<{
  readonly signal: number;
  readonly notify: number;
  readonly thread: number;
}> = record('sigevent', 64, { signal: i32(8), notify: i32(12), thread: i32(16) });

/** Makes the system call of another thread of this process return EINTR, unless it is uninterruptible. */
export function interruptThread(thread: number): void {
  // Each time: with a handler that was installed meanwhile the kernel would restart the call.
  makeSignalInterrupt(SIGNAL);
  syscall('tgkill', [process.pid, thread, SIGNAL]);
}

/** A kernel timer that interrupts one thread, even if no JavaScript runs any more. */
export interface InterruptTimer {
  /** Interrupts the thread after `ms` milliseconds, then every `SIGNAL_EVERY_MS`. */
  readonly set: (ms: number) => void;
  readonly delete: () => void;
}

/** Creates an unset timer for a thread of this process; `undefined` if the kernel refuses (RLIMIT_SIGPENDING). */
export function interruptTimer(thread: number): InterruptTimer | undefined {
  const id = new Int32Array(1);
  const event = sigevent.encode({ signal: SIGNAL, notify: SIGEV_THREAD_ID, thread });
  const { value } = syscall('timer_create', [CLOCK_MONOTONIC, event, new Uint8Array(id.buffer)]);
  if (value === -1) return undefined;
  const timer = id[0]!;
  return {
    set: (ms) => {
      makeSignalInterrupt(SIGNAL);
      const time = Buffer.concat([timespec(SIGNAL_EVERY_MS), timespec(ms)]);
      syscall('timer_settime', [timer, 0, time, null]);
    },
    delete: () => void syscall('timer_delete', [timer]),
  };
}
