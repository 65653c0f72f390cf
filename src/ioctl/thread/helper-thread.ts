// The owner's side of a helper thread. The thread starts from source text and not from a file: a bundler would not include the
// file. helper-program.ts is the thread's side.

import { isMainThread, type ResourceLimits, Worker } from 'node:worker_threads';
import { HERE } from '../libc/here.ts';
import { permissionError } from '../libc/unavailable.ts';
import { type HelperState, LOAD_NOTICE, LOAD_REQUEST, SHARED_LENGTH } from './call-protocol.ts';
import { endTurn, type LoadTurns } from './load-turns.ts';
import { permitGiver, permitLoad } from './permit-giver.ts';

/** What a helper thread runs. */
export interface HelperProgram {
  /** The name of the thread, for debuggers. */
  readonly name: string;
  /** What the thread cannot do if it has ended. */
  readonly purpose: string;
  readonly source: string;
  readonly limits?: ResourceLimits;
}

/** What happens to a helper thread. */
export interface HelperEvents {
  /** It accepts messages from now on. */
  readonly onLoad: () => void;
  readonly onMessage: (message: unknown) => void;
  /** It has ended and accepts no more messages. */
  readonly onEnd: (error: unknown) => void;
}

/** A helper thread. It does not keep the process alive once it has loaded, unless its worker is referenced. */
export class HelperThread {
  readonly shared: Int32Array = new Int32Array(new SharedArrayBuffer(4 * SHARED_LENGTH));
  readonly worker: Worker;

  /**
   * @param number number of the thread among those with the same `turns`, from 1
   * @throws UnavailableError if `node --permission` does not allow workers
   */
  constructor(
    program: HelperProgram,
    turns: LoadTurns,
    number: number,
    { onLoad, onMessage, onEnd }: HelperEvents,
  ) {
    // The main thread cannot be terminated, so its threads need no permit.
    const giver = isMainThread ? undefined : permitGiver(this.shared);
    this.worker = startWorker(program, { shared: this.shared, turns, number, giver });
    const fail = (error: unknown): void => {
      endTurn(turns, number);
      onEnd(error);
    };
    this.worker.on('message', (message: unknown) => {
      if (message === LOAD_REQUEST) return permitLoad(this.shared);
      if (message !== LOAD_NOTICE) return onMessage(message);
      this.worker.unref();
      onLoad();
    });
    this.worker.on('error', fail);
    this.worker.on('exit', () =>
      fail(new Error(`cannot ${program.purpose}: its thread has ended`)),
    );
  }

  /** Ends the thread, which must have loaded: termination while it loads koffi aborts the process. */
  close(): void {
    void this.worker.terminate();
  }
}

function startWorker({ name, source, limits }: HelperProgram, state: HelperState): Worker {
  try {
    return new Worker(source, {
      eval: true,
      name,
      workerData: { ...state, here: HERE },
      execArgv: [],
      // Otherwise Node warns when it closes a descriptor that a system call opened. In a worker of a worker, it still does.
      trackUnmanagedFds: false,
      ...(limits && { resourceLimits: limits }),
    });
  } catch (error) {
    throw permissionError('start a thread', error);
  }
}
