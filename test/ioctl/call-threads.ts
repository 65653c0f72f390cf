// The call threads of this process, counted as Node starts and ends them.

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';

/** The call threads that were started since `watchCallThreads`. */
export interface CallThreads {
  /** How many have been started. */
  readonly started: number;
  /** How many of them have not ended. */
  readonly running: number;
  /** Terminate all that run, and come back when they have ended. */
  readonly terminate: () => Promise<void>;
}

/** Begin to count. Nothing else of the process may start a worker. */
export function watchCallThreads(): CallThreads {
  let started = 0;
  const running = new Set<Worker>();
  process.on('worker', (worker) => {
    started += 1;
    running.add(worker);
    void once(worker, 'exit').then(() => running.delete(worker));
  });
  return {
    get started() {
      return started;
    },
    get running() {
      return running.size;
    },
    terminate: async () => {
      await Promise.all([...running].map((worker) => worker.terminate()));
    },
  };
}

/** The ids of all threads of this process but the main one, call threads or not. */
export const threadIds = (): readonly number[] =>
  readdirSync('/proc/self/task')
    .map(Number)
    .filter((id) => id !== process.pid);
