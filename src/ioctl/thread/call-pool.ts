// The call threads of one owner thread, started on demand.

import { onAbort } from '../input/on-abort.ts';
import type { CallMessage } from './call-protocol.ts';
import { CallThread, type ThreadedResult } from './call-worker.ts';
import { closeTurns, type LoadTurns } from './load-turns.ts';

/** Number of threads that start at once, and of idle threads that stay. */
const RESIDENT = 4;
/**
 * How long calls wait while no call ends, until more threads start. Short calls share the resident threads. Blocked calls
 * cannot delay the call that would unblock them for long.
 */
const STARVED_AFTER_MS = 100;
/** How long idle threads beyond the resident ones stay: a burst of calls often has a second one after it. */
const SURPLUS_MS = 1000;

/** A call that waits for a thread. */
interface WaitingCall {
  readonly take: (thread: CallThread) => void;
  readonly reject: (error: unknown) => void;
}

/** Call threads, owned by the thread that creates the pool. */
export class CallPool {
  readonly #turns: LoadTurns;
  readonly #threads = new Set<CallThread>();
  readonly #loading = new Set<CallThread>();
  /** The last used one is the last. */
  readonly #idle: CallThread[] = [];
  readonly #waiting: WaitingCall[] = [];
  #started = 0;
  /** Increases whenever a thread becomes free. */
  #freed = 0;
  /** Number of threads that start at the next starvation. It doubles until a thread becomes free. */
  #burst = 1;
  #starved: NodeJS.Timeout | undefined;
  #surplus: NodeJS.Timeout | undefined;

  constructor(turns: LoadTurns) {
    this.#turns = turns;
  }

  /** Makes a call on an idle thread, or on a new one. @throws TypeError for bytes that are empty or lent */
  async call(message: CallMessage, signal: AbortSignal | undefined): Promise<ThreadedResult> {
    signal?.throwIfAborted();
    const thread = this.#idle.pop() ?? (await this.#wait(signal));
    try {
      signal?.throwIfAborted();
      return await thread.call(message, signal);
    } finally {
      if (this.#threads.has(thread)) this.#free(thread);
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<CallThread> {
    return new Promise((resolve, reject) => {
      const call: WaitingCall = {
        take: (thread) => {
          leave();
          resolve(thread);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const leave = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(call), 1);
        reject(signal?.reason);
      });
      this.#waiting.push(call);
      this.#startResident();
      this.#watchForStarvation();
    });
  }

  /** Starts a thread for a waiting call, up to the resident ones. */
  #startResident(): void {
    if (this.#threads.size < RESIDENT && this.#loading.size < this.#waiting.length) this.#start();
  }

  #start(): void {
    if (this.#started === 0) process.on('exit', this.#onExit);
    this.#started += 1;
    const thread = new CallThread(this.#turns, this.#started, {
      onLoad: () => {
        this.#loading.delete(thread);
        this.#free(thread);
      },
      onEnd: (error) => this.#onEnd(thread, error),
    });
    this.#threads.add(thread);
    this.#loading.add(thread);
  }

  #onEnd(thread: CallThread, error: unknown): void {
    if (!this.#threads.delete(thread)) return;
    const place = this.#idle.indexOf(thread);
    if (place !== -1) this.#idle.splice(place, 1);
    // A waiting call needs this thread: it learns why there is none.
    if (this.#loading.delete(thread)) this.#waiting.shift()?.reject(error);
    this.#startResident();
  }

  /** Gives a thread to the next waiting call, or lets it idle. */
  #free(thread: CallThread): void {
    this.#freed += 1;
    this.#burst = 1;
    const next = this.#waiting.shift();
    if (next) next.take(thread);
    else this.#idle.push(thread);
    if (this.#idle.length > RESIDENT) this.#surplus ??= this.#endSurplusLater();
  }

  #endSurplusLater(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#surplus = undefined;
      for (const thread of this.#idle.splice(0, Math.max(0, this.#idle.length - RESIDENT))) {
        this.#threads.delete(thread);
        thread.close();
      }
    }, SURPLUS_MS).unref();
  }

  #watchForStarvation(): void {
    const { length } = this.#waiting;
    if (length === 0) return;
    const freed = this.#freed;
    // After a long pause of this thread, results may be there that it has not received yet. They come before setImmediate.
    this.#starved ??= setTimeout(
      () => setImmediate(() => this.#endStarvation(freed)),
      STARVED_AFTER_MS,
    );
  }

  #endStarvation(freed: number): void {
    this.#starved = undefined;
    if (this.#freed === freed && this.#loading.size === 0) {
      const count = Math.min(this.#burst, this.#waiting.length);
      for (let i = 0; i < count; i++) this.#start();
      this.#burst *= 2;
    }
    this.#watchForStarvation();
  }

  // At exit, Node and each of its workers terminate their threads and wait for them to end.
  readonly #onExit = (): void => {
    closeTurns(this.#turns);
    for (const thread of this.#threads) thread.stop();
  };
}
