// The call threads of one owner thread, started on demand.

import type { CallMessage } from './call-protocol.ts';
import { CallThread, type ThreadedResult } from './call-worker.ts';
import { closeTurns, type LoadTurns } from './load-turns.ts';

/** Number of threads that start at once, and of idle threads that stay for the next call. */
const RESIDENT = 4;
/**
 * How long a call waits for a busy thread before it gets a new thread. Short calls share the resident threads. Blocked
 * calls cannot delay the call that would unblock them.
 */
const STARVED_AFTER_MS = 20;

/** Call threads, owned by the thread that creates the pool. */
export class CallPool {
  readonly #threads = new Set<CallThread>();
  readonly #waiting: ((thread: CallThread) => void)[] = [];
  readonly #turns: LoadTurns;
  #started = 0;
  #starved: NodeJS.Timeout | undefined;

  constructor(turns: LoadTurns) {
    this.#turns = turns;
  }

  /** Makes a call on an idle thread, or on a new one. @throws TypeError for bytes that are empty or lent */
  async call(message: CallMessage, signal: AbortSignal | undefined): Promise<ThreadedResult> {
    signal?.throwIfAborted();
    const thread = await this.#acquire(signal);
    try {
      signal?.throwIfAborted();
      return await thread.call(message, signal);
    } finally {
      this.#release(thread);
    }
  }

  async #acquire(signal: AbortSignal | undefined): Promise<CallThread> {
    const idle = [...this.#threads].find((thread) => !thread.busy);
    if (idle) return this.#take(idle);
    if (this.#threads.size < RESIDENT) return this.#take(this.#start());
    return new Promise((resolve, reject) => {
      const proceed = (thread: CallThread): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve(thread);
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(proceed), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(proceed);
      this.#watchForStarvation();
    });
  }

  #take(thread: CallThread): CallThread {
    thread.busy = true;
    return thread;
  }

  #watchForStarvation(): void {
    this.#starved ??= setTimeout(() => {
      this.#starved = undefined;
      this.#waiting.shift()?.(this.#take(this.#start()));
      if (this.#waiting.length > 0) this.#watchForStarvation();
    }, STARVED_AFTER_MS);
  }

  #start(): CallThread {
    if (this.#started === 0) process.on('exit', this.#onExit);
    this.#started += 1;
    const thread = new CallThread(this.#turns, this.#started, () => this.#threads.delete(thread));
    this.#threads.add(thread);
    return thread;
  }

  #release(thread: CallThread): void {
    thread.busy = false;
    if (!this.#threads.has(thread)) return;
    const next = this.#waiting.shift();
    if (next) next(this.#take(thread));
    else if (thread.loaded && [...this.#threads].filter(({ busy }) => !busy).length > RESIDENT) {
      this.#threads.delete(thread);
      thread.close();
    }
  }

  // At exit, Node and each of its workers terminate their threads and wait for them to end.
  readonly #onExit = (): void => {
    closeTurns(this.#turns);
    for (const thread of this.#threads) thread.stop();
  };
}
