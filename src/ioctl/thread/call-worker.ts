// The owner's side of a call thread. The owner is the thread that started it.

import { isMainThread, type Worker } from 'node:worker_threads';
import { onAbort } from '../input/on-abort.ts';
import type { SyscallName } from '../libc/libc.ts';
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
import { type LentArguments, lend, reclaim } from './lent-bytes.ts';
import { endTurn, type LoadTurns } from './load-turns.ts';
import { watchOwner } from './owner-watch.ts';
import { permitGiver, permitLoad } from './permit-giver.ts';
import { startCallWorker } from './start-call-worker.ts';

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

/** What happens to a call thread. */
interface ThreadEvents {
  /** It accepts calls from now on. */
  readonly onLoad: () => void;
  /** It has ended and accepts no more calls. */
  readonly onEnd: (error: unknown) => void;
}

/** A call thread. It makes one call at a time. */
export class CallThread {
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SHARED_LENGTH));
  readonly #worker: Worker;
  #receiver: Receiver | undefined;

  /** @param number number of the thread among those of its owner, from 1 */
  constructor(turns: LoadTurns, number: number, { onLoad, onEnd }: ThreadEvents) {
    // The main thread cannot be terminated, so its call threads need no permit.
    const giver = isMainThread ? undefined : permitGiver(this.#shared);
    this.#worker = startCallWorker({ shared: this.#shared, turns, number, giver });
    const fail = (error: unknown): void => {
      endTurn(turns, number);
      onEnd(error);
      this.#receiver?.reject(error);
    };
    this.#worker.on('message', (message: unknown) => {
      if (message === LOAD_REQUEST) return permitLoad(this.#shared);
      if (message !== LOAD_NOTICE) return this.#receiver?.resolve(message);
      this.#worker.unref();
      onLoad();
    });
    this.#worker.on('error', fail);
    this.#worker.on('exit', () =>
      fail(new Error('cannot make the system call: its thread has ended')),
    );
  }

  /** Makes a call. Only one call may run at a time. `lend` describes what happens to bytes arguments. */
  async call(message: CallMessage, signal: AbortSignal | undefined): Promise<ThreadedResult> {
    Atomics.store(this.#shared, CANCELLED, 0);
    this.#worker.ref();
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
      this.#worker.unref();
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
      this.#worker.postMessage({ name, args } satisfies CallMessage, transfer);
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

  /** For an exit handler: make sure that a termination ends the thread. */
  stop(): void {
    this.#cancel();
    // The calls of a worker have a timer already (owner-watch.ts). The end of the process deletes this one.
    if (isMainThread && this.#isCalling) {
      interruptTimer(this.#shared[THREAD]!)?.set(SIGNAL_EVERY_MS);
    }
  }

  /** Ends the thread, which must have loaded: termination while it loads koffi aborts the process. */
  close(): void {
    void this.#worker.terminate();
  }
}

function resultOf({ outcome, bytes }: ReplyMessage): ThreadedResult {
  const back = bytes.map(reclaim);
  if (!('error' in outcome)) return { ...outcome, bytes: back };
  // The caller does not receive these bytes, and they may contain a key.
  for (const each of back) each.fill(0);
  throw outcome.error;
}
