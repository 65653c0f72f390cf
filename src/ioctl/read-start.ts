// The first bytes of a device or a file, past the page cache. Source: open(2), O_DIRECT.

import { constants, type FileHandle, open } from 'node:fs/promises';
import { isErrno } from './errno.ts';
import { alignedBytes } from './lent-bytes.ts';
import { syscall } from './libc.ts';
import type { Bytes } from './quantity.ts';
import { SyscallError } from './syscall-error.ts';
import { callInThread } from './threads.ts';

/** No device asks for more: addresses, offsets and lengths of direct I/O are multiples of its block size. */
const ALIGNMENT = 4096;
const SEEK_SET = 0;

/** How to stop. */
export interface ReadStartOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Read the first `length` bytes, a multiple of 4096; fewer where there are fewer.
 *
 * What the kernel itself writes to a device, such as a pool its metadata, goes below the page cache, which may still
 * hold what was there before. So this reads with O_DIRECT, which also writes back what the cache holds unwritten, and
 * buffered only where the file's filesystem cannot. A device that is suspended holds up a thread of ours only.
 * @throws SyscallError, or Node's own from opening
 */
export async function readStart(
  path: string,
  length: number,
  { signal }: ReadStartOptions = {},
): Promise<Buffer> {
  try {
    return await readWith(path, length, constants.O_DIRECT, signal);
  } catch (error) {
    if (!isErrno(error, 'EINVAL')) throw error;
    return await readWith(path, length, 0, signal);
  }
}

/** One request of direct I/O: where, and how to stop. */
export interface ReadDirectlyOptions extends ReadStartOptions {
  /** Bytes of the file before it. */
  readonly start: Bytes;
  /** Bytes to read: one logical block. Fewer where the file ends. */
  readonly length: Bytes<number>;
}

/**
 * Read one block with O_DIRECT. Whether that is possible at all, nothing else tells: some filesystems refuse it when the
 * file is opened, others only when it is read, or for blocks as small as this.
 * @throws SyscallError, or Node's own from opening: EINVAL
 */
export async function readDirectly(
  path: string,
  { start, length, signal }: ReadDirectlyOptions,
): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | constants.O_DIRECT);
  const { value, errno } = syscall('lseek', [file.fd, start, SEEK_SET]);
  if (value === -1) throw new SyscallError({ syscall: 'lseek', errno, path });
  return await readSome(file, path, length, signal);
}

async function readWith(
  path: string,
  length: number,
  flags: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | flags);
  const parts: Buffer[] = [];
  let got = 0;
  while (got < length) {
    const part = await readSome(file, path, length - got, signal);
    if (part.length === 0) break;
    parts.push(part);
    got += part.length;
  }
  return Buffer.concat(parts);
}

async function readSome(
  { fd }: FileHandle,
  path: string,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const { value, errno, bytes } = await callInThread(
    'read',
    [fd, alignedBytes(length, ALIGNMENT), length],
    signal,
  );
  signal?.throwIfAborted();
  if (value === -1) throw new SyscallError({ syscall: 'read', errno, path });
  return bytes[0]!.subarray(0, value);
}
