// What the main thread and a call thread say to one another.

import type { SyscallArgument, SyscallName } from './libc.ts';

/** What the two threads share: the worker's thread id for signals, and where it stands. */
export interface CallThreadState {
  /** `[pthread_self()]` */
  readonly thread: BigUint64Array;
  /** `[CALLING, CANCELLED]`, each 0 or 1. */
  readonly flags: Int32Array;
}
/** Index into `flags`: the thread is in, or about to be in, the system call. */
export const CALLING: number = 0;
/** Index into `flags`: the call is not wanted any more. */
export const CANCELLED: number = 1;

/** From the main thread: one call to make. */
export interface CallMessage {
  readonly name: SyscallName;
  readonly args: readonly SyscallArgument[];
}

/** To the main thread: what came of it, and the bytes it lent us, as the kernel left them. */
export interface ReplyMessage {
  readonly value: number;
  readonly errno: number;
  readonly bytes: readonly Uint8Array[];
}
