// Starts a worker that runs call-thread.ts. It starts from source text and not from a file: a bundler would not include
// the file.

import { Worker } from 'node:worker_threads';
import { HERE } from '../libc/here.ts';
import { permissionError } from '../libc/unavailable.ts';
import type { CallThreadState } from './call-protocol.ts';
import { CALL_THREAD_SOURCE } from './call-thread-source.ts';

/**
 * Starts a call thread.
 * @throws UnavailableError if `node --permission` does not allow workers
 */
export function startCallWorker(state: CallThreadState): Worker {
  try {
    return new Worker(CALL_THREAD_SOURCE, {
      eval: true,
      name: 'dmts call',
      workerData: { ...state, here: HERE },
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 },
    });
  } catch (error) {
    throw permissionError('start a thread', error);
  }
}
