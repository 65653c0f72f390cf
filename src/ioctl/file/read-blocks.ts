// Reads blocks of a device or a file and bypasses the page cache, because the kernel's own writes to a device do too.

import { constants, type FileHandle, open } from 'node:fs/promises';
import { isErrno } from '../libc/errno.ts';
import { syscall } from '../libc/libc.ts';
import { SyscallError } from '../libc/syscall-error.ts';
import { type ReadStartOptions, readSome } from './read-start.ts';

const BLOCK = 4096;
const SEEK_SET = 0;
/** The number of blocks that end below the largest file offset, which has 63 bits. */
const NUMBERS = (2n ** 63n - 1n) / BigInt(BLOCK);

/** Reads blocks of 4096 bytes of a device or a file, one at a time. */
export interface BlockReader extends AsyncDisposable {
  /** Reads block `number`. @throws SyscallError; RangeError for a block beyond the end */
  readonly read: (number: bigint) => Promise<Buffer>;
}

/**
 * Opens a device or a file with O_DIRECT, or buffered if its filesystem does not support direct I/O.
 * @throws Node's own error from opening
 */
export async function openBlocks(
  path: string,
  options: ReadStartOptions = {},
): Promise<BlockReader> {
  let file = await openDirectly(path);
  let buffered = false;
  const beyond = (number: bigint, why: string): RangeError =>
    new RangeError(`cannot read block ${number} of ${path}: ${why}`);
  const readOnce = async (number: bigint): Promise<Buffer> => {
    const { value, errno } = syscall('lseek', [file.fd, number * BigInt(BLOCK), SEEK_SET]);
    const error = value === -1 ? new SyscallError({ syscall: 'lseek', errno, path }) : undefined;
    // A device refuses an offset behind its end. Some filesystems refuse one that no file can have.
    if (error?.code === 'EINVAL')
      throw beyond(number, 'it is behind the end of the device or file');
    if (error) throw error;
    return readSome(file, path, BLOCK, options.signal);
  };
  const read = async (number: bigint): Promise<Buffer> => {
    if (number >= NUMBERS) throw beyond(number, 'it is behind the end of any file');
    let bytes: Buffer;
    try {
      bytes = await readOnce(number);
    } catch (error) {
      if (buffered || !isErrno(error, 'EINVAL')) throw error;
      await file.close();
      file = await open(path, constants.O_RDONLY);
      buffered = true;
      bytes = await readOnce(number);
    }
    if (bytes.length === BLOCK) return bytes;
    throw beyond(number, `expected ${BLOCK} bytes, got ${bytes.length}`);
  };
  return { read, [Symbol.asyncDispose]: () => file.close() };
}

/** Whether the filesystem of a file lets it be opened for direct I/O. @throws Node's own error from opening */
export async function opensDirectly(path: string): Promise<boolean> {
  const file = await tryDirectly(path);
  await file?.close();
  return file !== undefined;
}

/** Some filesystems reject direct I/O when a file is opened, others when it is read. */
const openDirectly = async (path: string): Promise<FileHandle> =>
  (await tryDirectly(path)) ?? open(path, constants.O_RDONLY);

async function tryDirectly(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECT);
  } catch (error) {
    if (!isErrno(error, 'EINVAL')) throw error;
    return undefined;
  }
}
