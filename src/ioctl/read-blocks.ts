// Blocks of a device or a file, past the page cache: what the kernel itself writes to a device goes below it.

import { constants, type FileHandle, open } from 'node:fs/promises';
import { isErrno } from './errno.ts';
import { syscall } from './libc.ts';
import { type ReadStartOptions, readSome } from './read-start.ts';
import { SyscallError } from './syscall-error.ts';

const BLOCK = 4096;
const SEEK_SET = 0;

/** A device or a file whose blocks of 4096 bytes are read, one after the other. */
export interface BlockReader extends AsyncDisposable {
  /** Read block `number`. @throws SyscallError; RangeError for a block behind the end */
  readonly read: (number: bigint) => Promise<Buffer>;
}

/**
 * Open a device or a file. With O_DIRECT, and buffered only where the file's filesystem cannot.
 * @throws Node's own error from opening
 */
export async function openBlocks(
  path: string,
  options: ReadStartOptions = {},
): Promise<BlockReader> {
  let file = await openDirectly(path);
  let buffered = false;
  const readOnce = async (number: bigint): Promise<Buffer> => {
    const { value, errno } = syscall('lseek', [file.fd, number * BigInt(BLOCK), SEEK_SET]);
    if (value === -1) throw new SyscallError({ syscall: 'lseek', errno, path });
    return readSome(file, path, BLOCK, options.signal);
  };
  const read = async (number: bigint): Promise<Buffer> => {
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
    throw new RangeError(
      `${path}: expected ${BLOCK} bytes in block ${number}, got ${bytes.length}`,
    );
  };
  return { read, [Symbol.asyncDispose]: () => file.close() };
}

/** Some filesystems refuse direct I/O when a file is opened, others when it is read. */
async function openDirectly(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECT);
  } catch (error) {
    if (!isErrno(error, 'EINVAL')) throw error;
    return open(path, constants.O_RDONLY);
  }
}
