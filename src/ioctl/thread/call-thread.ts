// The program of a call thread: it makes system calls for its owner (threads.ts). load-turns.ts and load-permit.ts
// describe its start. The first system call loads koffi and looks up all functions.

import { parentPort, workerData } from 'node:worker_threads';
import { type CallThreadState, LOAD_NOTICE, LOAD_REQUEST } from './call-protocol.ts';
import { serve } from './call-server.ts';
import { awaitPermit } from './load-permit.ts';
import { endTurn, takeTurn } from './load-turns.ts';

const { shared, turns, number, giver } = workerData as CallThreadState;

if (giver) {
  parentPort?.postMessage(LOAD_REQUEST);
  awaitPermit(shared, giver);
}
if (parentPort && takeTurn(turns, number)) {
  try {
    serve(parentPort, shared);
    parentPort.postMessage(LOAD_NOTICE);
  } finally {
    endTurn(turns, number);
  }
}
