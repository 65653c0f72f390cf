// Makes ioctls on call threads, and throws their errors.

import type { SyscallArgument } from '../libc/libc.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { callInThread } from './threads.ts';

/** One ioctl on an open file. */
export interface IoctlCall {
  readonly fd: number;
  /** The request number. */
  readonly request: number;
  /** The name of the request, for the error. */
  readonly operation: string;
  /** Bytes are lent or copied (see `lend`): use the returned ones. */
  readonly argument?: bigint | Uint8Array;
  /** The path of the file, for the error. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes an ioctl on a call thread.
 * @returns its return value, and the argument bytes after the call
 * @throws SyscallError
 */
export async function ioctlInThread(
  call: IoctlCall,
): Promise<{ readonly value: number; readonly bytes: Buffer }> {
  const argument: SyscallArgument = call.argument ?? null;
  const result = await callInThread('ioctl', [call.fd, call.request, argument], call.signal);
  if (result.value === -1) {
    throw new SyscallError({
      syscall: 'ioctl',
      errno: result.errno,
      operation: call.operation,
      path: call.path,
    });
  }
  return { value: result.value, bytes: result.bytes[0] ?? Buffer.alloc(0) };
}
