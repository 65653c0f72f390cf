// The messages and the shared memory between a helper thread and its owner. A call thread is a helper thread.

import type { SyscallArgument, SyscallName, SyscallResult } from '../libc/libc.ts';
import type { LoadTurns } from './load-turns.ts';

/** The owner that gives a thread its permit. */
export interface PermitGiver {
  /** The id of the owner's thread, as gettid(2) gives it. */
  readonly thread: number;
  /** The memory address of `PERMIT`: the first argument of the system call in which the owner waits. */
  readonly word: bigint;
}

/** The start data of a helper thread. */
export interface HelperState {
  /** Memory that both threads access concurrently; the constants below are indexes into it. */
  readonly shared: Int32Array;
  readonly turns: LoadTurns;
  /** Number of the thread among those with the same turns, from 1. */
  readonly number: number;
  /** If present, the thread sends `LOAD_REQUEST` and waits for a permit before it loads koffi. */
  readonly giver: PermitGiver | undefined;
}
/** Index into `shared`: 1 while the thread is in the system call or about to enter it. */
export const CALLING: number = 0;
/** Index into `shared`: 1 once the call is cancelled. */
export const CANCELLED: number = 1;
/** Index into `shared`: the thread's id, as gettid(2) gives it. */
export const THREAD: number = 2;
/** Index into `shared`: whether the thread may load koffi. See load-permit.ts. */
export const PERMIT: number = 3;
/** Number of integers in `shared`. */
export const SHARED_LENGTH: number = 4;

/** To the owner: the thread asks for permission to load koffi. */
export const LOAD_REQUEST = 'load';
/** To the owner: the thread has loaded koffi and accepts messages. */
export const LOAD_NOTICE = 'loaded';

/** From the owner: one call to make. */
export interface CallMessage {
  readonly name: SyscallName;
  readonly args: readonly SyscallArgument[];
}

/** The result of the system call, or the error that prevented it. */
export type CallOutcome = SyscallResult | { readonly error: unknown };

/** To the owner: the outcome of a call, and its bytes arguments after the call. */
export interface ReplyMessage {
  readonly outcome: CallOutcome;
  readonly bytes: readonly Uint8Array[];
}
