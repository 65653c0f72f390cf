// Attaching a file to a loop device: for the first free one there are others to be raced, and not every
// filesystem can do without its page cache.

import { open } from 'node:fs/promises';
import { isErrno } from './errno.ts';
import { configure, type OpenLoop } from './loop-configure.ts';
import type { AttachLoopOptions, LoopSetup } from './loop-records.ts';

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
  /** Open the device. */
  readonly open: (device: LoopDevice, readOnly: boolean) => Promise<OpenLoop>;
  /** Read one logical block of the file as a loop device with direct I/O does. @throws SyscallError, or Node's own */
  readonly readDirectly: (file: string, options: AttachLoopOptions) => Promise<void>;
}

/** Attach `file` to the first free loop device of `kernel`, and hold it. @throws as `attachLoop` does */
export async function attachTo(
  kernel: LoopKernel,
  file: string,
  options: AttachLoopOptions,
): Promise<HeldLoop> {
  await using backing = await open(file, options.readOnly ? 'r' : 'r+');
  const attach = (directIo: boolean): Promise<HeldLoop> =>
    attachFirstFree(kernel, { ...options, fd: backing.fd, file, directIo }, options.signal);
  const { directIo = 'try' } = options;
  if (directIo === false) return await attach(false);
  // Before anything is attached: udev would read from the device, and keep what it saw.
  if (directIo === true) await kernel.readDirectly(file, options);
  else if (!(await canReadDirectly(kernel, file, options))) return await attach(false);
  try {
    return await attach(true);
  } catch (error) {
    // The kernel has reasons of its own, such as the size of the blocks below.
    if (directIo === true || !isErrno(error, 'EINVAL')) throw error;
    return await attach(false);
  }
}

async function canReadDirectly(
  kernel: LoopKernel,
  file: string,
  options: AttachLoopOptions,
): Promise<boolean> {
  try {
    await kernel.readDirectly(file, options);
    return true;
  } catch {
    options.signal?.throwIfAborted();
    return false;
  }
}

async function attachFirstFree(
  kernel: LoopKernel,
  setup: LoopSetup,
  signal: AbortSignal | undefined,
): Promise<HeldLoop> {
  for (let tries = 1; ; tries++) {
    const number = await kernel.firstFree(signal);
    const device: LoopDevice = { path: `/dev/loop${number}`, number };
    const opened = await kernel.open(device, setup.readOnly ?? false);
    try {
      await configure(opened, setup, signal);
      return { ...device, [Symbol.asyncDispose]: opened.close };
    } catch (error) {
      await opened.close();
      // Another process took this device between the two calls: there is another one.
      if (tries === FREE_TRIES || !isErrno(error, 'EBUSY')) throw error;
    }
  }
}
