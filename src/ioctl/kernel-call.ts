// How the files beside this one make an ioctl: off the main thread, errors thrown.

import type { SyscallArgument } from './libc.ts';
import { SyscallError } from './syscall-error.ts';
import { callInThread } from './threads.ts';

/** One ioctl on an open file. */
export interface IoctlCall {
  readonly fd: number;
  /** The request number, and its name for the error. */
  readonly request: number;
  readonly operation: string;
  /** Bytes are lent or copied, as `lend` says: use the returned ones. */
  readonly argument?: bigint | Uint8Array;
  /** The file, for the error. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Issue an ioctl on a thread of its own and give its return value and argument bytes.
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
