// The first bytes of a device or a file, past the page cache. Source: open(2), O_DIRECT.

import { constants, open } from 'node:fs/promises';
import { isErrno } from './errno.ts';
import { addressOf } from './libc.ts';
import { SyscallError } from './syscall-error.ts';
import { callInThread } from './threads.ts';

/** No device asks for more: addresses, offsets and lengths of direct I/O are multiples of its block size. */
const ALIGNMENT = 4096;

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
    const call = callInThread('read', [file.fd, aligned(length - got), length - got], signal);
    const { value, errno, bytes } = await call;
    signal?.throwIfAborted();
    if (value === -1) throw new SyscallError({ syscall: 'read', errno, path });
    if (value === 0) break;
    parts.push(bytes[0]!.subarray(0, value));
    got += value;
  }
  return Buffer.concat(parts);
}

/** Zeroed bytes whose address is a multiple of ALIGNMENT. */
function aligned(length: number): Buffer {
  const roomy = Buffer.alloc(length + ALIGNMENT);
  const past = Number(addressOf(roomy) % BigInt(ALIGNMENT));
  const start = past === 0 ? 0 : ALIGNMENT - past;
  return roomy.subarray(start, start + length);
}
