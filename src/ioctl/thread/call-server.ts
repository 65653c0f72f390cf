// Makes the system calls that a call thread receives, one at a time.

import type { MessagePort } from 'node:worker_threads';
import { errnoNumber } from '../libc/errno.ts';
import { syscall } from '../libc/libc.ts';
import {
  CALLING,
  CANCELLED,
  type CallMessage,
  type CallOutcome,
  type ReplyMessage,
} from './call-protocol.ts';

/** Makes each call that arrives at `port`, and replies with its outcome. */
export function serve(port: MessagePort, shared: Int32Array): void {
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
    // A cancellation before the call has nothing to interrupt, so this check handles it.
    if (Atomics.load(shared, CANCELLED) === 1) return { value: -1, errno: errnoNumber('EINTR') };
    return syscall(name, args);
  } catch (error) {
    return { error };
  } finally {
    Atomics.store(shared, CALLING, 0);
  }
}
