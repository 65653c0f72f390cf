// Interrupts a call whose owner has been terminated.
//
// A call thread belongs to the worker that started it. When the worker is terminated, it runs no more JavaScript, not
// even an exit handler, and Node waits for its threads to end: forever, if one is blocked in a system call. So a kernel
// timer interrupts the call unless the owner keeps postponing it. An owner that was merely busy receives an EINTR
// without an abort. The main thread cannot be terminated and needs no watch.

import { type InterruptTimer, interruptTimer } from './interrupt.ts';

/** Milliseconds after the owner's last postponement at which its calls are interrupted. */
const EXPIRY_MS = 500;
const PUT_OFF_EVERY_MS = 100;

const timers = new Set<InterruptTimer>();
let putOff: NodeJS.Timeout | undefined;

/** Interrupts a thread if this one is terminated. @returns a function that ends the watch */
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
