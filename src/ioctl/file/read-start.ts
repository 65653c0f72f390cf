// Reads the first bytes of a device or a file and bypasses the page cache. Source: open(2), O_DIRECT.

import { constants, type FileHandle, open } from 'node:fs/promises';
import type { Bytes } from '../input/checks.ts';
import { isErrno } from '../libc/errno.ts';
import { syscall } from '../libc/libc.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { alignedBytes } from '../thread/lent-bytes.ts';
import { callInThread } from '../thread/threads.ts';

/** Direct I/O needs addresses, offsets and lengths in multiples of the block size. No device needs more than this. */
const ALIGNMENT = 4096;
const SEEK_SET = 0;

/** Options of reading. */
export interface ReadStartOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the first `length` bytes, a multiple of 4096; fewer if the device or file is shorter.
 *
 * The kernel's own writes to a device, such as pool metadata, bypass the page cache, so the cache may hold old data.
 * This function reads with O_DIRECT, which also writes dirty pages back first, or buffered if the filesystem does not
 * support direct I/O. A suspended device blocks a call thread only.
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

/** One request of direct I/O. */
export interface ReadDirectlyOptions extends ReadStartOptions {
  /** Offset in bytes. */
  readonly start: Bytes;
  /** Bytes to read: one logical block. Fewer are read at the end of the file. */
  readonly length: Bytes<number>;
}

/**
 * Reads one block with O_DIRECT, to test whether direct I/O works: some filesystems reject it when the file is opened,
 * others when it is read, or only for small blocks.
 * @throws SyscallError EINVAL, or Node's own EINVAL from opening, if it does not
 */
export async function readDirectly(
  path: string,
  { start, length, signal }: ReadDirectlyOptions,
): Promise<void> {
  await using file = await open(path, constants.O_RDONLY | constants.O_DIRECT);
  const { value, errno } = syscall('lseek', [file.fd, start, SEEK_SET]);
  if (value === -1) throw new SyscallError({ syscall: 'lseek', errno, path });
  await readSome(file, path, length, signal);
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

/** Reads up to `length` bytes at the file position, into memory aligned for direct I/O. @throws SyscallError */
export async function readSome(
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
