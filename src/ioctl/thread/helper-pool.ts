// The helper threads of one kind that belong to one owner thread, started on demand.

import { onAbort } from '../input/on-abort.ts';
import type { HelperEvents } from './helper-thread.ts';
import { closeTurns, type LoadTurns } from './load-turns.ts';

/** Number of threads that start at once. */
const RESIDENT = 4;
/**
 * How long tasks wait while no task ends, until more threads start. Short tasks share the resident threads. Blocked tasks
 * cannot delay the task that would unblock them for long.
 */
const STARVED_AFTER_MS = 100;
/** A thread of a pool. */
export interface PooledThread {
  /** For an exit handler: makes sure that a termination ends the thread. */
  stop(): void;
  /** Ends the thread, which must have loaded. */
  close(): void;
}

/** What happens to a thread of a pool. */
export type PooledEvents = Pick<HelperEvents, 'onLoad' | 'onEnd'>;

/** The threads of a pool. */
export interface HelperPoolOptions<Thread> {
  /** Starts a thread. `number` is its number among those of the pool, from 1. */
  readonly start: (turns: LoadTurns, number: number, events: PooledEvents) => Thread;
  readonly turns: LoadTurns;
  /** Number of idle threads that stay. */
  readonly stay: number;
  /** How long other idle threads stay, in milliseconds: a burst of tasks often has a second one after it. */
  readonly surplusMs: number;
}

/** A task that waits for a thread. */
interface WaitingTask<Thread> {
  readonly take: (thread: Thread) => void;
  readonly reject: (error: unknown) => void;
}

/** Helper threads, owned by the thread that creates the pool. */
export class HelperPool<Thread extends PooledThread> {
  readonly #options: HelperPoolOptions<Thread>;
  readonly #threads = new Set<Thread>();
  readonly #loading = new Set<Thread>();
  /** The last used one is the last. */
  readonly #idle: { readonly thread: Thread; readonly since: number }[] = [];
  readonly #waiting: WaitingTask<Thread>[] = [];
  #started = 0;
  /** Increases whenever a task ends. */
  #freed = 0;
  /** Number of threads that start at the next starvation. It doubles until a task ends. */
  #burst = 1;
  #starved: NodeJS.Timeout | undefined;
  #surplus: NodeJS.Timeout | undefined;

  constructor(options: HelperPoolOptions<Thread>) {
    this.#options = options;
  }

  /**
   * Runs a task on an idle thread, or on a new one.
   * @throws UnavailableError if no thread can be started, the signal's reason, and the error of the task
   */
  async run<T>(task: (thread: Thread) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    // Without a wait, the task begins before this call returns.
    const thread = this.#idle.pop()?.thread ?? (await this.#wait(signal));
    try {
      signal?.throwIfAborted();
      return await task(thread);
    } finally {
      this.#free(thread);
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<Thread> {
    return new Promise((resolve, reject) => {
      const task: WaitingTask<Thread> = {
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
        this.#waiting.splice(this.#waiting.indexOf(task), 1);
        reject(signal?.reason);
      });
      this.#waiting.push(task);
      this.#startResident();
      this.#watchForStarvation();
    });
  }

  /** Starts a thread for a waiting task, up to the resident ones. */
  #startResident(): void {
    if (this.#threads.size < RESIDENT && this.#loading.size < this.#waiting.length) this.#start();
  }

  #start(): void {
    if (this.#started === 0) process.on('exit', this.#onExit);
    this.#started += 1;
    try {
      const thread = this.#options.start(this.#options.turns, this.#started, {
        onLoad: () => {
          this.#loading.delete(thread);
          this.#give(thread);
        },
        onEnd: (error) => this.#onEnd(thread, error),
      });
      this.#threads.add(thread);
      this.#loading.add(thread);
    } catch (error) {
      // The waiting tasks share the other threads. Without any, they would wait forever.
      if (this.#threads.size > 0) return;
      for (const task of this.#waiting.splice(0)) task.reject(error);
    }
  }

  #onEnd(thread: Thread, error: unknown): void {
    if (!this.#threads.delete(thread)) return;
    const place = this.#idle.findIndex((one) => one.thread === thread);
    if (place !== -1) this.#idle.splice(place, 1);
    // A waiting task needs this thread: it learns why there is none.
    if (this.#loading.delete(thread)) this.#waiting.shift()?.reject(error);
    this.#startResident();
  }

  /** Returns the thread of a task that is done. A thread that has ended is left out. */
  #free(thread: Thread): void {
    if (!this.#threads.has(thread)) return;
    this.#freed += 1;
    this.#burst = 1;
    this.#give(thread);
  }

  /** Gives a thread to the next waiting task, or lets it idle. */
  #give(thread: Thread): void {
    const next = this.#waiting.shift();
    if (next) next.take(thread);
    else this.#idle.push({ thread, since: performance.now() });
    this.#endSurplusLater();
  }

  /** Ends the surplus threads that have idled long enough, now or later. */
  #endSurplusLater(): void {
    const { stay, surplusMs } = this.#options;
    const [oldest] = this.#idle;
    if (this.#surplus !== undefined || oldest === undefined || this.#idle.length <= stay) return;
    const end = (): void => {
      this.#surplus = undefined;
      const surplus = this.#idle
        .slice(0, Math.max(0, this.#idle.length - stay))
        .filter(({ since }) => performance.now() - since >= surplusMs);
      for (const { thread } of this.#idle.splice(0, surplus.length)) {
        this.#threads.delete(thread);
        thread.close();
      }
      this.#endSurplusLater();
    };
    const rest = oldest.since + surplusMs - performance.now();
    this.#surplus = setTimeout(end, Math.max(1, Math.ceil(rest))).unref();
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
    closeTurns(this.#options.turns);
    for (const thread of this.#threads) thread.stop();
  };
}
