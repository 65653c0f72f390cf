// System calls that can sleep, made on threads of our own: neither the event loop nor libuv's four
// threads ever wait for the kernel. A call that is stuck is cancelled by a signal to its thread.

import { once } from 'node:events';
import { constants } from 'node:os';
import type { Worker } from 'node:worker_threads';
import {
  CALLING,
  CANCELLED,
  type CallMessage,
  type CallThreadState,
  type ReplyMessage,
} from './call-protocol.ts';
import { startCallWorker } from './call-worker.ts';
import {
  checkSyscall,
  makeSignalInterrupt,
  type SyscallArgument,
  type SyscallName,
  signalThread,
} from './libc.ts';

/** Threads made without hesitation, and idle ones kept for the next call. */
const RESIDENT = 4;
/**
 * How long a call waits for a busy thread before it gets a thread of its own. Short calls share the
 * resident threads; calls that are stuck can never hold up the one that would free them.
 */
const STARVED_AFTER_MS = 20;
/** A signal that arrives just before the call begins is lost, so it is sent until the call has ended. */
const SIGNAL_EVERY_MS = 5;
/** How long the process waits at its exit for interrupted calls to come back. */
const EXIT_GRACE_MS = 200;
/** Ignored by default, and debuggers pass it on: the one Go interrupts its threads with, too. */
const CANCEL_SIGNAL = constants.signals.SIGURG;

/** What a call on another thread returned, and the buffers it was given, as the kernel left them. */
export interface ThreadedResult {
  readonly value: number;
  readonly errno: number;
  readonly bytes: readonly Buffer[];
}

class CallThread {
  readonly #state: CallThreadState = {
    thread: new BigUint64Array(new SharedArrayBuffer(8)),
    flags: new Int32Array(new SharedArrayBuffer(8)),
  };
  readonly #worker: Worker = startCallWorker(this.#state);
  busy = false;

  constructor() {
    this.#worker.unref();
  }

  /** One call; a second one must wait for the first. Rejects only when the thread itself dies. */
  async call(message: CallMessage, signal: AbortSignal | undefined): Promise<ThreadedResult> {
    this.busy = true;
    Atomics.store(this.#state.flags, CANCELLED, 0);
    this.#worker.ref();
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      this.interrupt();
      timer = setInterval(() => this.interrupt(), SIGNAL_EVERY_MS);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const lent = message.args.filter((argument) => argument instanceof Uint8Array);
      this.#worker.postMessage(
        message,
        lent.map((bytes) => bytes.buffer as ArrayBuffer),
      );
      const [reply] = (await once(this.#worker, 'message')) as [ReplyMessage];
      return {
        value: reply.value,
        errno: reply.errno,
        bytes: reply.bytes.map((b) => Buffer.from(b.buffer, b.byteOffset, b.byteLength)),
      };
    } finally {
      signal?.removeEventListener('abort', onAbort);
      clearInterval(timer);
      this.#worker.unref();
      this.busy = false;
    }
  }

  /** Make the call under way return EINTR, or keep it from beginning. */
  interrupt(): void {
    Atomics.store(this.#state.flags, CANCELLED, 1);
    if (Atomics.load(this.#state.flags, CALLING) === 1) {
      // Each time: a handler that was installed meanwhile would have the kernel restart the call.
      makeSignalInterrupt(CANCEL_SIGNAL);
      signalThread(this.#state.thread[0]!, CANCEL_SIGNAL);
    }
  }

  /** Block until the call under way has ended, `ms` at most. For the end of the process only. */
  drain(ms: number): void {
    const deadline = Date.now() + ms;
    while (Atomics.load(this.#state.flags, CALLING) === 1 && Date.now() < deadline) {
      this.interrupt();
      Atomics.wait(this.#state.flags, CALLING, 1, SIGNAL_EVERY_MS);
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Threads for system calls, made as they are needed. One set serves the process, as libuv's does. */
class CallThreads {
  readonly #threads = new Set<CallThread>();
  readonly #waiting: ((thread: CallThread) => void)[] = [];
  #starved: NodeJS.Timeout | undefined;
  #prepared = false;

  async call(
    name: SyscallName,
    args: readonly SyscallArgument[],
    signal?: AbortSignal,
  ): Promise<ThreadedResult> {
    signal?.throwIfAborted();
    checkSyscall(name);
    // A detached buffer can be posted but not received: its call would never come back.
    if (args.some((argument) => argument instanceof Uint8Array && !argument.buffer.byteLength)) {
      throw new TypeError('Expected bytes that are not empty and not lent to another call');
    }
    const thread = await this.#acquire(signal);
    try {
      if (!signal?.aborted) return await thread.call({ name, args }, signal);
    } catch (error) {
      // It may be dead. If it is only the arguments that cannot be sent, a new thread costs little.
      this.#threads.delete(thread);
      void thread.close();
      throw error;
    } finally {
      this.#release(thread);
    }
    throw signal.reason;
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
    if (!this.#prepared) {
      this.#prepared = true;
      process.on('exit', this.#onExit);
    }
    const thread = new CallThread();
    this.#threads.add(thread);
    return thread;
  }

  #release(thread: CallThread): void {
    thread.busy = false;
    if (!this.#threads.has(thread)) return;
    const next = this.#waiting.shift();
    if (next) next(this.#take(thread));
    else if ([...this.#threads].filter(({ busy }) => !busy).length > RESIDENT) {
      this.#threads.delete(thread);
      void thread.close();
    }
  }

  // Node joins its threads when it exits: a call that is stuck would keep the process from ending.
  readonly #onExit = (): void => {
    for (const thread of this.#threads) thread.interrupt();
    for (const thread of this.#threads) thread.drain(EXIT_GRACE_MS);
  };
}

const threads = new CallThreads();

/**
 * Make a system call that can sleep, without blocking this thread. Bytes among the arguments are lent:
 * unusable here from now on, they come back in the result.
 * An abort interrupts the call, which then returns EINTR if it had not ended; it rejects only where the
 * call had not begun.
 */
export const callInThread = (
  name: SyscallName,
  args: readonly SyscallArgument[],
  signal?: AbortSignal,
): Promise<ThreadedResult> => threads.call(name, args, signal);
