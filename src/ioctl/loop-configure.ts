// Making an open loop device serve a file: in one request where the kernel has it (Linux 5.8), otherwise in several.
// Source: drivers/block/loop.c.

import { isErrno } from './errno.ts';
import { configOf, type LoopRequest, type LoopSetup, statusArgument } from './loop-records.ts';
import { pause } from './pause.ts';

/** A loop device that is open. */
export interface OpenLoop {
  /** One request. @throws SyscallError */
  readonly request: (
    name: LoopRequest,
    argument: bigint | Buffer,
    signal?: AbortSignal,
  ) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The descriptor of no file. */
const NO_FILE = 0xffffffff;
/** How long EAGAIN is waited out. */
const AGAIN_MS = 20;
const AGAIN_TRIES = 200;

/** Attach a file to the device. A failure leaves nothing attached. @throws SyscallError EBUSY when it has a file already */
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
 * Whether the kernel has LOOP_CONFIGURE. One that has not says EINVAL, and so does one that refuses an argument. The
 * latter looks at the descriptor first: EBADF.
 */
async function knowsConfigure(device: OpenLoop, setup: LoopSetup): Promise<boolean> {
  try {
    await device.request('LOOP_CONFIGURE', configOf({ ...setup, fd: NO_FILE }));
    return true;
  } catch (error) {
    return !isUnknown(error);
  }
}

/** The device is open all the time: with `autoclear` it does not go before its user closes it. */
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
    // Without the signal: it may be why we are here. What fails is worth less than the first error.
    await device.request('LOOP_CLR_FD', 0n).catch(() => undefined);
    throw error;
  }
}

/** Repeat a request while the kernel says EAGAIN: the page cache holds what another, such as udev, is reading. */
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
