// Attaches a file to an open loop device: with LOOP_CONFIGURE since Linux 5.8, otherwise with several requests.
// Source: drivers/block/loop.c.

import { pause } from '../input/pause.ts';
import { isErrno } from '../libc/errno.ts';
import { configOf, type LoopRequest, type LoopSetup, statusArgument } from './loop-records.ts';

/** An open loop device. */
export interface OpenLoop {
  /** Makes one ioctl request. @throws SyscallError */
  readonly request: (
    name: LoopRequest,
    argument: bigint | Buffer,
    signal?: AbortSignal,
  ) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** An invalid file descriptor. */
const NO_FILE = 0xffffffff;
/** Interval and number of retries after EAGAIN. */
const AGAIN_MS = 20;
const AGAIN_TRIES = 200;

/** Attaches a file to the device. A failure leaves no file attached. @throws SyscallError EBUSY if the device has a file */
export async function configure(
  device: OpenLoop,
  setup: LoopSetup,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await device.request('LOOP_CONFIGURE', configOf(setup), signal);
  } catch (error) {
    if (!isUnknown(error) || (await knowsConfigure(device, setup))) throw error;
    await configureInSteps(device, setup, signal);
  }
}

const isUnknown = (error: unknown): boolean => isErrno(error, 'EINVAL', 'ENOTTY');

/**
 * Whether the kernel has LOOP_CONFIGURE. A kernel without it returns EINVAL, and so does a kernel that rejects an
 * argument. The latter checks the descriptor first, so an invalid one makes it return EBADF.
 */
async function knowsConfigure(device: OpenLoop, setup: LoopSetup): Promise<boolean> {
  try {
    await device.request('LOOP_CONFIGURE', configOf({ ...setup, fd: NO_FILE }));
    return true;
  } catch (error) {
    return !isUnknown(error);
  }
}

/** The device stays open throughout, so that `autoclear` does not detach the file. */
async function configureInSteps(
  device: OpenLoop,
  setup: LoopSetup,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { fd, blockSize = 0, directIo } = setup;
  await device.request('LOOP_SET_FD', BigInt(fd), signal);
  try {
    if (blockSize !== 0) {
      await untilIdle(signal, () =>
        device.request('LOOP_SET_BLOCK_SIZE', BigInt(blockSize), signal),
      );
    }
    await untilIdle(signal, () =>
      device.request('LOOP_SET_STATUS64', statusArgument(setup), signal),
    );
    if (directIo) await device.request('LOOP_SET_DIRECT_IO', 1n, signal);
  } catch (error) {
    // Without the signal, which may be the cause of the error. A second error must not replace the first.
    await device.request('LOOP_CLR_FD', 0n).catch(() => undefined);
    throw error;
  }
}

/** Repeats a request while the kernel returns EAGAIN, because a reader such as udev keeps pages of the device cached. */
async function untilIdle(
  signal: AbortSignal | undefined,
  request: () => Promise<void>,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await request();
    } catch (error) {
      if (tries === AGAIN_TRIES || !isErrno(error, 'EAGAIN')) throw error;
      await pause(AGAIN_MS, signal);
    }
  }
}
