// The owner's side of a call thread. The owner is the thread that started it.

import { isMainThread } from 'node:worker_threads';
import { onAbort } from '../input/on-abort.ts';
import type { SyscallName } from '../libc/libc.ts';
import {
  CALLING,
  CANCELLED,
  type CallMessage,
  type ReplyMessage,
  THREAD,
} from './call-protocol.ts';
import { CALL_THREAD_SOURCE } from './call-thread-source.ts';
import type { PooledEvents, PooledThread } from './helper-pool.ts';
import { type HelperProgram, HelperThread } from './helper-thread.ts';
import { interruptThread, interruptTimer, SIGNAL_EVERY_MS } from './interrupt.ts';
import { type LentArguments, lend, reclaim } from './lent-bytes.ts';
import type { LoadTurns } from './load-turns.ts';
import { watchOwner } from './owner-watch.ts';

/** The result of a call on another thread, and its bytes arguments after the call. */
export interface ThreadedResult {
  readonly value: number;
  readonly errno: number;
  readonly bytes: readonly Buffer[];
}

interface Receiver {
  readonly resolve: (message: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const PROGRAM: HelperProgram = {
  name: 'dmts call',
  purpose: 'make the system call',
  source: CALL_THREAD_SOURCE,
  limits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 },
};

/** A call thread. It makes one call at a time. */
export class CallThread implements PooledThread {
  readonly #thread: HelperThread;
  readonly #shared: Int32Array;
  #receiver: Receiver | undefined;

  /** @param number number of the thread among those of its owner, from 1 */
  constructor(turns: LoadTurns, number: number, { onLoad, onEnd }: PooledEvents) {
    this.#thread = new HelperThread(PROGRAM, turns, number, {
      onLoad,
      onMessage: (message) => this.#receiver?.resolve(message),
      onEnd: (error) => {
        onEnd(error);
        this.#receiver?.reject(error);
      },
    });
    this.#shared = this.#thread.shared;
  }

  /** Makes a call. Only one call may run at a time. `lend` describes what happens to bytes arguments. */
  async call(message: CallMessage, signal: AbortSignal | undefined): Promise<ThreadedResult> {
    Atomics.store(this.#shared, CANCELLED, 0);
    this.#thread.worker.ref();
    let timer: NodeJS.Timeout | undefined;
    let endWatch: (() => void) | undefined;
    const stopListening = onAbort(signal, () => {
      this.#cancel();
      timer = setInterval(() => this.#cancel(), SIGNAL_EVERY_MS);
    });
    try {
      if (!isMainThread) endWatch = watchOwner(this.#shared[THREAD]!);
      this.#send(message);
      return resultOf((await this.#receive()) as ReplyMessage);
    } finally {
      endWatch?.();
      stopListening();
      clearInterval(timer);
      this.#thread.worker.unref();
    }
  }

  /** The next reply of the thread. */
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
      // Some memory cannot be transferred, such as WebAssembly's.
      this.#post(name, lend(args, true));
    }
  }

  #post(name: SyscallName, { args, transfer, copies }: LentArguments): void {
    try {
      this.#thread.worker.postMessage({ name, args } satisfies CallMessage, transfer);
    } catch (error) {
      for (const copy of copies) copy.fill(0);
      throw error;
    }
  }

  /** Makes the running call return EINTR, or prevents it from starting. */
  #cancel(): void {
    Atomics.store(this.#shared, CANCELLED, 1);
    if (this.#isCalling) interruptThread(this.#shared[THREAD]!);
  }

  get #isCalling(): boolean {
    return Atomics.load(this.#shared, CALLING) === 1;
  }

  stop(): void {
    this.#cancel();
    // The calls of a worker have a timer already (owner-watch.ts). The end of the process deletes this one.
    if (isMainThread && this.#isCalling) {
      interruptTimer(this.#shared[THREAD]!)?.set(SIGNAL_EVERY_MS);
    }
  }

  close(): void {
    this.#thread.close();
  }
}

function resultOf({ outcome, bytes }: ReplyMessage): ThreadedResult {
  const back = bytes.map(reclaim);
  if (!('error' in outcome)) return { ...outcome, bytes: back };
  // The caller does not receive these bytes, and they may contain a key.
  for (const each of back) each.fill(0);
  throw outcome.error;
}
