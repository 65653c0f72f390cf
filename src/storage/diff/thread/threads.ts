// The threads that work on files. Each does one task at a time. A thread stays for some seconds, because its start takes longer
// than a small layer.

import {
  HelperPool,
  type PooledEvents,
  type PooledThread,
} from '../../../ioctl/thread/helper-pool.ts';
import { HelperThread } from '../../../ioctl/thread/helper-thread.ts';
import { type LoadTurns, makeLoadTurns } from '../../../ioctl/thread/load-turns.ts';
import type { TaskMessage, TaskReply } from './protocol.ts';

/** Whom a task reports to. It may throw the error with which the task ends. */
interface Receiver {
  readonly receive: (reply: TaskReply) => void;
  readonly fail: (error: unknown) => void;
}

/** A thread that works on files. */
export class DiffThread implements PooledThread {
  readonly #helper: HelperThread;
  #receiver: Receiver | undefined;
  #awaited = 0;

  constructor(source: string, turns: LoadTurns, number: number, { onLoad, onEnd }: PooledEvents) {
    const program = { name: 'dmts files', purpose: 'read or write the layer', source };
    this.#helper = new HelperThread(program, turns, number, {
      onLoad,
      onMessage: (message) => this.#receive(message as TaskReply),
      onEnd: (error) => {
        onEnd(error);
        this.#receiver?.fail(error);
      },
    });
  }

  /** Begins a task. */
  begin(message: TaskMessage, receive: Receiver['receive'], fail: Receiver['fail']): void {
    this.#receiver = { receive, fail };
    this.#helper.worker.postMessage(message);
  }

  /** Waits for what the thread does. The process stays alive meanwhile. */
  async awaited<T>(promise: Promise<T>): Promise<T> {
    if (this.#awaited++ === 0) this.#helper.worker.ref();
    try {
      return await promise;
    } finally {
      if (--this.#awaited === 0) this.#helper.worker.unref();
    }
  }

  // Its calls end by themselves.
  stop(): void {}

  close(): void {
    this.#helper.close();
  }

  #receive(reply: TaskReply): void {
    const receiver = this.#receiver;
    try {
      receiver?.receive(reply);
    } catch (error) {
      receiver?.fail(error);
    }
  }
}

let pool: Promise<HelperPool<DiffThread>> | undefined;

async function makePool(): Promise<HelperPool<DiffThread>> {
  const { DIFF_THREAD_SOURCE } = await import('./diff-thread-source.ts');
  return new HelperPool({
    start: (...args) => new DiffThread(DIFF_THREAD_SOURCE, ...args),
    turns: makeLoadTurns(),
    stay: 0,
    surplusMs: 5000,
  });
}

/** The threads that work on files for this thread. */
export function diffThreads(): Promise<HelperPool<DiffThread>> {
  pool ??= makePool();
  return pool;
}
