// Interrupts a call whose owner has been terminated.
//
// A call thread belongs to the worker that started it. When that worker is terminated, no JavaScript of it runs any
// more, not even an exit handler, and Node waits for its threads to end: for good, where one is stuck in a system call.
// So a timer of the kernel's interrupts the call, unless the owner puts it off again and again. An owner that was
// only busy gets an EINTR that means nothing. The main thread cannot be terminated, and needs no watch.

import { type InterruptTimer, interruptTimer } from './interrupt.ts';

/** How long after the last sign of life of the owner its calls are interrupted. */
const EXPIRY_MS = 500;
const PUT_OFF_EVERY_MS = 100;

const timers = new Set<InterruptTimer>();
let putOff: NodeJS.Timeout | undefined;

/** Interrupt a thread if this one is terminated. The result ends the watch. */
export function watchOwner(thread: number): () => void {
  const timer = interruptTimer(thread);
  if (!timer) return () => {};
  timer.set(EXPIRY_MS);
  timers.add(timer);
  putOff ??= setInterval(() => {
    for (const each of timers) each.set(EXPIRY_MS);
  }, PUT_OFF_EVERY_MS).unref();
  return () => {
    timer.delete();
    timers.delete(timer);
    if (timers.size > 0) return;
    clearInterval(putOff);
    putOff = undefined;
  };
}
