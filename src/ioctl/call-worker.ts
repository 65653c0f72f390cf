// A call thread as its owner, the thread that started it, sees it.

import { isMainThread, type Worker } from 'node:worker_threads';
import {
  CALLING,
  CANCELLED,
  type CallMessage,
  LOAD_NOTICE,
  LOAD_REQUEST,
  type ReplyMessage,
  SHARED_LENGTH,
  THREAD,
} from './call-protocol.ts';
import { interruptThread, interruptTimer, SIGNAL_EVERY_MS } from './interrupt.ts';
import { type LentArguments, lend, takeBack } from './lent-bytes.ts';
import type { SyscallName } from './libc.ts';
import { endTurn, type LoadTurns } from './load-turns.ts';
import { watchOwner } from './owner-watch.ts';
import { permitGiver, permitLoad } from './permit-giver.ts';
import { startCallWorker } from './start-call-worker.ts';

/** What a call on another thread returned, and the bytes it was given, as the kernel left them. */
export interface ThreadedResult {
  readonly value: number;
  readonly errno: number;
  readonly bytes: readonly Buffer[];
}

interface Receiver {
  readonly resolve: (message: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread that makes one call at a time. */
export class CallThread {
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SHARED_LENGTH));
  readonly #worker: Worker;
  #receiver: Receiver | undefined;
  #loaded = false;
  busy = false;

  /**
   * @param number what tells it from the other threads of this owner, 1 for the first
   * @param onEnd called when the thread has ended, and can make no call any more
   */
  constructor(turns: LoadTurns, number: number, onEnd: (thread: CallThread) => void) {
    // Only the main thread cannot be terminated.
    const giver = isMainThread ? undefined : permitGiver(this.#shared);
    this.#worker = startCallWorker({ shared: this.#shared, turns, number, giver });
    const fail = (error: unknown): void => {
      endTurn(turns, number);
      onEnd(this);
      this.#receiver?.reject(error);
    };
    this.#worker.on('message', (message: unknown) => {
      if (message === LOAD_REQUEST) return permitLoad(this.#shared);
      if (message === LOAD_NOTICE) this.#loaded = true;
      this.#receiver?.resolve(message);
    });
    this.#worker.on('error', fail);
    this.#worker.on('exit', () => fail(new Error('cannot make the call: its thread has ended')));
    this.#worker.unref();
  }

  /** Whether the thread can be closed. One that is terminated while it loads koffi aborts the process. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Make a call; a second one must wait for the first. Bytes are lent or copied as `lend` says. */
  async call(message: CallMessage, signal: AbortSignal | undefined): Promise<ThreadedResult> {
    this.busy = true;
    Atomics.store(this.#shared, CANCELLED, 0);
    this.#worker.ref();
    let timer: NodeJS.Timeout | undefined;
    let endWatch: (() => void) | undefined;
    const onAbort = (): void => {
      this.#cancel();
      timer = setInterval(() => this.#cancel(), SIGNAL_EVERY_MS);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      if (!this.#loaded) await this.#receive();
      if (!isMainThread) endWatch = watchOwner(this.#shared[THREAD]!);
      this.#send(message);
      return resultOf((await this.#receive()) as ReplyMessage);
    } finally {
      endWatch?.();
      signal?.removeEventListener('abort', onAbort);
      clearInterval(timer);
      this.#worker.unref();
      this.busy = false;
    }
  }

  /** The next message of the thread that is not a question. */
  async #receive(): Promise<unknown> {
    try {
      return await new Promise((resolve, reject) => {
        this.#receiver = { resolve, reject };
      });
    } finally {
      this.#receiver = undefined;
    }
  }

  #send({ name, args }: CallMessage): void {
    try {
      this.#post(name, lend(args));
    } catch {
      // Memory that cannot move, such as WebAssembly's.
      this.#post(name, lend(args, true));
    }
  }

  #post(name: SyscallName, { args, transfer, copies }: LentArguments): void {
    try {
      this.#worker.postMessage({ name, args } satisfies CallMessage, transfer);
    } catch (error) {
      for (const copy of copies) copy.fill(0);
      throw error;
    }
  }

  /** Make the call under way return EINTR, or keep it from beginning. */
  #cancel(): void {
    Atomics.store(this.#shared, CANCELLED, 1);
    if (this.#isCalling) interruptThread(this.#shared[THREAD]!);
  }

  get #isCalling(): boolean {
    return Atomics.load(this.#shared, CALLING) === 1;
  }

  /** For an exit handler: see to it that the thread ends when it is terminated. */
  stop(): void {
    this.#cancel();
    // A worker's calls have a timer already: owner-watch.ts. Nobody deletes this one, the process ends.
    if (isMainThread && this.#isCalling) {
      interruptTimer(this.#shared[THREAD]!)?.set(SIGNAL_EVERY_MS);
    }
  }

  close(): void {
    void this.#worker.terminate();
  }
}

function resultOf({ outcome, bytes }: ReplyMessage): ThreadedResult {
  const back = bytes.map(takeBack);
  if (!('error' in outcome)) return { ...outcome, bytes: back };
  // The caller never sees them, and they may hold a key.
  for (const each of back) each.fill(0);
  throw outcome.error;
}
