// Calls that wait for a condition.

import { onAbort } from '../../ioctl/input/on-abort.ts';

interface Waiter {
  readonly holds: () => boolean;
  readonly wake: (result: 'done' | 'aborted') => void;
}

/** The waiting calls of a kernel. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /** Waits until `holds` returns true or the signal is aborted. */
  wait(holds: () => boolean, signal: AbortSignal | undefined): Promise<'done' | 'aborted'> {
    if (holds()) return Promise.resolve('done');
    if (signal?.aborted) return Promise.resolve('aborted');
    return new Promise((resolve) => {
      const waiter: Waiter = {
        holds,
        wake: (result) => {
          this.#waiting.delete(waiter);
          stopListening();
          resolve(result);
        },
      };
      this.#waiting.add(waiter);
      const stopListening = onAbort(signal, () => waiter.wake('aborted'));
    });
  }

  /** Checks all conditions after a change. */
  wake(): void {
    for (const waiter of [...this.#waiting]) {
      if (waiter.holds()) waiter.wake('done');
    }
  }
}
