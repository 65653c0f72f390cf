// Attaching a file to a loop device: for the first free one there are others to be raced, and not every
// filesystem can do without its page cache.

import { open } from 'node:fs/promises';
import { isErrno } from './errno.ts';
import { type AttachLoopOptions, configOf } from './loop-records.ts';

/** Races for a free device we lose before we say so. */
const FREE_TRIES = 100;

/** An attached loop device. */
export interface LoopDevice {
  /** `/dev/loop3` */
  readonly path: string;
  readonly number: number;
}

/** An attached loop device, and a descriptor that keeps it open until it is disposed of. */
export interface HeldLoop extends LoopDevice, AsyncDisposable {}

/** What attaching asks of the kernel. */
export interface LoopKernel {
  /** LOOP_CTL_GET_FREE: the number of a device that is free at this moment. */
  readonly firstFree: (signal: AbortSignal | undefined) => Promise<number>;
  /** LOOP_CONFIGURE of the device `path` with these bytes. Leaves it open; gives what closes it. */
  readonly configure: (
    path: string,
    config: Buffer,
    options: Pick<AttachLoopOptions, 'readOnly' | 'signal'>,
  ) => Promise<() => Promise<void>>;
}

/** Attach `file` to the first free loop device of `kernel`, and hold it. @throws as `attachLoop` does */
export async function attachTo(
  kernel: LoopKernel,
  file: string,
  options: AttachLoopOptions,
): Promise<HeldLoop> {
  await using backing = await open(file, options.readOnly ? 'r' : 'r+');
  const attach = (directIo: boolean): Promise<HeldLoop> =>
    attachFirstFree(kernel, configOf(backing.fd, file, options, directIo), options);
  const { directIo = 'try' } = options;
  if (directIo !== 'try') return await attach(directIo);
  try {
    return await attach(true);
  } catch (error) {
    // A filesystem without direct I/O (tmpfs before 6.6, 9p) refuses it with EINVAL.
    if (!isErrno(error, 'EINVAL')) throw error;
    return await attach(false);
  }
}

async function attachFirstFree(
  kernel: LoopKernel,
  config: Buffer,
  options: AttachLoopOptions,
): Promise<HeldLoop> {
  for (let tries = 1; ; tries++) {
    const number = await kernel.firstFree(options.signal);
    const path = `/dev/loop${number}`;
    try {
      // Each call is lent bytes of its own.
      const close = await kernel.configure(path, Buffer.from(config), options);
      return { path, number, [Symbol.asyncDispose]: close };
    } catch (error) {
      // Somebody else took this device between the two calls: there is another.
      if (tries === FREE_TRIES || !isErrno(error, 'EBUSY')) throw error;
    }
  }
}
