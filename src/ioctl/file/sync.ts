// syncfs(2): writes everything that a mounted filesystem holds in memory.

import { open } from 'node:fs/promises';
import { checkFields, isPath, SIGNAL } from '../input/checks.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { callInThread } from '../thread/threads.ts';

/**
 * Writes the cached data and metadata of the filesystem that contains `path`, and flushes its device. The kernel cannot
 * interrupt it: `signal` takes effect only at the end.
 * @throws SyscallError ENOSPC, EIO when data that was written before cannot be stored; Node's own error from opening `path`
 */
export async function syncFilesystem(
  path: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  isPath(path, 'path');
  checkFields(options, SIGNAL);
  await using file = await open(path, 'r');
  const { value, errno } = await callInThread('syncfs', [file.fd], options.signal);
  if (value === -1) throw new SyscallError({ syscall: 'syncfs', errno, path });
}
