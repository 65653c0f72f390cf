// The body of a thread that makes system calls for the main thread, one at a time. See threads.ts.

import { constants } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import {
  CALLING,
  CANCELLED,
  type CallMessage,
  type CallThreadState,
  type ReplyMessage,
} from './call-protocol.ts';
import { currentThread, syscall } from './libc.ts';

const state = workerData as CallThreadState;
state.thread[0] = currentThread();

parentPort?.on('message', ({ name, args }: CallMessage) => {
  const bytes = args.filter((argument) => argument instanceof Uint8Array);
  Atomics.store(state.flags, CALLING, 1);
  // A cancellation that came before the call has nothing to interrupt: it must be seen here.
  const result =
    Atomics.load(state.flags, CANCELLED) === 1
      ? { value: -1, errno: constants.errno.EINTR }
      : syscall(name, args);
  Atomics.store(state.flags, CALLING, 0);
  Atomics.notify(state.flags, CALLING);
  parentPort?.postMessage(
    { ...result, bytes } satisfies ReplyMessage,
    bytes.map((lent) => lent.buffer as ArrayBuffer),
  );
});
