// Counts the call threads of this process as Node starts and ends them.

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';

/** The call threads started since `watchCallThreads`. */
export interface CallThreads {
  /** Number of started threads. */
  readonly started: number;
  /** Number of threads that have not ended. */
  readonly running: number;
  /** Terminate all running threads. Resolves when they have ended. */
  readonly terminate: () => Promise<void>;
}

/** Start counting. The process must not start other workers. */
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

/** The ids of all threads of this process except the main thread. */
export const threadIds = (): readonly number[] =>
  readdirSync('/proc/self/task')
    .map(Number)
    .filter((id) => id !== process.pid);
