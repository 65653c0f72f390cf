// How a thread of a worker comes to load koffi. Whoever terminates that worker has Node terminate its threads, too, and
// no JavaScript of the worker runs any more that could wait for one that is loading (see load-turns.ts). But Node does
// not go on to the threads while the worker is in a system call. So a thread asks before it loads koffi, and loads it
// while the worker waits for that in the kernel (permit-giver.ts).

import { readFileSync } from 'node:fs';
import { PERMIT } from './call-protocol.ts';

/** The values of `PERMIT`. */
export const Permit = {
  NONE: 0,
  /** The owner waits in the kernel, or is about to. */
  GIVEN: 1,
  /** The thread has loaded koffi. */
  USED: 2,
  /** The owner has waited for too long. */
  EXPIRED: 3,
} as const;

/** Who gives a thread its permit. */
export interface PermitGiver {
  /** The id of the owner's thread, as gettid(2) gives it. */
  readonly thread: number;
  /** Where in memory `PERMIT` is: the first argument of the system call that the owner waits in. */
  readonly word: bigint;
}

/** Block until the owner waits in the kernel for this thread. */
export function awaitPermit(shared: Int32Array, giver: PermitGiver): void {
  Atomics.wait(shared, PERMIT, Permit.NONE);
  // The owner may be terminated before it gets into the kernel. Then so is this thread, here.
  while (Atomics.load(shared, PERMIT) === Permit.GIVEN && !isInKernel(giver)) {
    Atomics.wait(shared, PERMIT, Permit.GIVEN, 1);
  }
}

/** Whether the owner is in the system call. Source: proc_pid_syscall(5): its number, then its arguments. */
function isInKernel({ thread, word }: PermitGiver): boolean {
  try {
    const [, first] = readFileSync(`/proc/self/task/${thread}/syscall`, 'utf8').split(' ');
    return first === `0x${word.toString(16)}`;
  } catch {
    // A system that does not say so: the owner is all but there.
    return true;
  }
}
