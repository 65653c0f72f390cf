// What the thread that owns a call and the thread that makes it say to one another.

import type { SyscallArgument, SyscallName, SyscallResult } from './libc.ts';
import type { PermitGiver } from './load-permit.ts';
import type { LoadTurns } from './load-turns.ts';

/** What a call thread is started with. */
export interface CallThreadState {
  /** What both threads read and write while the other runs; the constants below are indexes into it. */
  readonly shared: Int32Array;
  readonly turns: LoadTurns;
  /** What tells the thread from the others of its owner: 1 for the first. */
  readonly number: number;
  /** Whom the thread asks, with `LOAD_REQUEST`, before it loads koffi. */
  readonly giver: PermitGiver | undefined;
}
/** Index into `shared`: 1 while the thread is in, or about to be in, the system call. */
export const CALLING: number = 0;
/** Index into `shared`: 1 once the call is not wanted any more. */
export const CANCELLED: number = 1;
/** Index into `shared`: the thread's id, as gettid(2) gives it. */
export const THREAD: number = 2;
/** Index into `shared`: whether the thread may load koffi. See load-permit.ts. */
export const PERMIT: number = 3;
/** How many integers `shared` has. */
export const SHARED_LENGTH: number = 4;

/** To the owner: may the thread load koffi? */
export const LOAD_REQUEST = 'load';
/** To the owner: the thread has loaded koffi and takes calls. */
export const LOAD_NOTICE = 'loaded';

/** From the owner: one call to make. */
export interface CallMessage {
  readonly name: SyscallName;
  readonly args: readonly SyscallArgument[];
}

/** What the kernel answered, or why no call was made. */
export type CallOutcome = SyscallResult | { readonly error: unknown };

/** To the owner: what came of a call, and the bytes it was made with, as the kernel left them. */
export interface ReplyMessage {
  readonly outcome: CallOutcome;
  readonly bytes: readonly Uint8Array[];
}
