// The start of the program of a helper thread (helper-thread.ts). load-turns.ts and load-permit.ts describe it. The first
// system call loads koffi and looks up all functions.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { syscall } from '../libc/libc.ts';
import { type HelperState, LOAD_NOTICE, LOAD_REQUEST, THREAD } from './call-protocol.ts';
import { awaitPermit } from './load-permit.ts';
import { endTurn, takeTurn } from './load-turns.ts';
import { returnPermit } from './permit-giver.ts';

/** Loads koffi in its turn. Then `serve` listens to the owner's messages. */
export function startHelper(serve: (port: MessagePort, shared: Int32Array) => void): void {
  const { shared, turns, number, giver } = workerData as HelperState;
  if (giver) {
    parentPort?.postMessage(LOAD_REQUEST);
    awaitPermit(shared, giver);
  }
  if (!parentPort || !takeTurn(turns, number)) return;
  try {
    shared[THREAD] = syscall('gettid', []).value;
    returnPermit(shared);
    serve(parentPort, shared);
    parentPort.postMessage(LOAD_NOTICE);
  } finally {
    endTurn(turns, number);
  }
}
