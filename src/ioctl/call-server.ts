// Makes the system calls that a call thread is sent, one at a time.

import type { MessagePort } from 'node:worker_threads';
import {
  CALLING,
  CANCELLED,
  type CallMessage,
  type CallOutcome,
  type ReplyMessage,
  THREAD,
} from './call-protocol.ts';
import { errnoNumber } from './errno.ts';
import { syscall } from './libc.ts';
import { returnPermit } from './permit-giver.ts';

/** Answer each call that comes in at `port`. */
export function serve(port: MessagePort, shared: Int32Array): void {
  shared[THREAD] = syscall('gettid', []).value;
  returnPermit(shared);
  port.on('message', (message: CallMessage) => {
    const bytes = message.args.filter((argument) => argument instanceof Uint8Array);
    const outcome = make(message, shared);
    port.postMessage(
      { outcome, bytes } satisfies ReplyMessage,
      bytes.map((lent) => lent.buffer as ArrayBuffer),
    );
  });
}

function make({ name, args }: CallMessage, shared: Int32Array): CallOutcome {
  Atomics.store(shared, CALLING, 1);
  try {
    // A cancellation that came before the call has nothing to interrupt: it must be seen here.
    if (Atomics.load(shared, CANCELLED) === 1) return { value: -1, errno: errnoNumber('EINTR') };
    return syscall(name, args);
  } catch (error) {
    return { error };
  } finally {
    Atomics.store(shared, CALLING, 0);
  }
}
