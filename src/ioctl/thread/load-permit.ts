// How a helper thread of a worker loads koffi safely. When a worker is terminated, Node terminates its threads as
// well, and the worker runs no more JavaScript that could wait for a thread that is loading koffi (see load-turns.ts).
// However, Node does not terminate the threads while the worker is in a system call. So a thread asks for a permit
// before it loads koffi, and the worker waits in the kernel until it has (permit-giver.ts).

import { readFileSync } from 'node:fs';
import { PERMIT, type PermitGiver } from './call-protocol.ts';

/** The values of `PERMIT`. */
export const Permit = {
  NONE: 0,
  /** The owner waits in the kernel or is about to. */
  GIVEN: 1,
  /** The thread has loaded koffi. */
  USED: 2,
  /** The owner has stopped waiting. */
  EXPIRED: 3,
} as const;

/** Blocks until the owner waits in the kernel for this thread. */
export function awaitPermit(shared: Int32Array, giver: PermitGiver): void {
  Atomics.wait(shared, PERMIT, Permit.NONE);
  // If the owner is terminated before it enters the kernel, this thread is terminated here.
  while (Atomics.load(shared, PERMIT) === Permit.GIVEN && !isInKernel(giver)) {
    Atomics.wait(shared, PERMIT, Permit.GIVEN, 1);
  }
}

/** Whether the owner is in the system call. Source: proc_pid_syscall(5), the number and then the arguments. */
function isInKernel({ thread, word }: PermitGiver): boolean {
  try {
    const [, first] = readFileSync(`/proc/self/task/${thread}/syscall`, 'utf8').split(' ');
    return first === `0x${word.toString(16)}`;
  } catch {
    // This system does not report it. The owner is about to enter the kernel.
    return true;
  }
}
