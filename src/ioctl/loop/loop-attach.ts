// Attaches a file to a loop device. Other processes race for the first free device, and not every filesystem supports
// direct I/O.

import { open } from 'node:fs/promises';
import { isErrno } from '../libc/errno.ts';
import { configure, type OpenLoop } from './loop-configure.ts';
import type { AttachLoopOptions, LoopSetup } from './loop-records.ts';

/** Number of lost races for a free device after which attaching fails. */
const FREE_TRIES = 100;

/** An attached loop device. */
export interface LoopDevice {
  /** `/dev/loop3` */
  readonly path: string;
  readonly number: number;
}

/** An attached loop device with a descriptor that keeps it open until disposal. */
export interface HeldLoop extends LoopDevice, AsyncDisposable {}

/** The kernel calls that attaching needs. */
export interface LoopKernel {
  /** LOOP_CTL_GET_FREE: the number of a free device. */
  readonly firstFree: (signal: AbortSignal | undefined) => Promise<number>;
  /** Opens the device. */
  readonly open: (device: LoopDevice, readOnly: boolean) => Promise<OpenLoop>;
  /** Reads one logical block of the file like a loop device with direct I/O. @throws SyscallError, or Node's own error */
  readonly readDirectly: (file: string, options: AttachLoopOptions) => Promise<void>;
}

/** Attaches `file` to the first free loop device of `kernel` and keeps it open. @throws the errors of `attachLoop` */
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
  // Before the file is attached: udev would probe a device that does not stay, and store the result.
  if (directIo === true) await kernel.readDirectly(file, options);
  else if (!(await canReadDirectly(kernel, file, options))) return await attach(false);
  try {
    return await attach(true);
  } catch (error) {
    // The kernel has further conditions, such as the block size of the disk below.
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
      // Another process took this device between the two calls: try the next one.
      if (tries === FREE_TRIES || !isErrno(error, 'EBUSY')) throw error;
    }
  }
}
