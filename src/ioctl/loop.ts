// Loop devices: a file as a block device. Source: <linux/loop.h>.

import { open } from 'node:fs/promises';
import { ioctlInThread } from './kernel-call.ts';
import { attachTo, type HeldLoop, type LoopDevice, type LoopKernel } from './loop-attach.ts';
import { type AttachLoopOptions, type LoopStatus, loopInfo64, statusOf } from './loop-records.ts';

export type { HeldLoop, LoopDevice } from './loop-attach.ts';
export type { AttachLoopOptions, LoopStatus } from './loop-records.ts';

const LOOP_CONTROL = '/dev/loop-control';
const LOOP_CLR_FD = 0x4c01;
const LOOP_GET_STATUS64 = 0x4c05;
const LOOP_SET_CAPACITY = 0x4c07;
const LOOP_CONFIGURE = 0x4c0a;
const LOOP_CTL_GET_FREE = 0x4c82;

const kernel: LoopKernel = {
  firstFree: async (signal) => {
    await using control = await open(LOOP_CONTROL, 'r+');
    const { value } = await ioctlInThread({
      fd: control.fd,
      request: LOOP_CTL_GET_FREE,
      operation: 'LOOP_CTL_GET_FREE',
      path: LOOP_CONTROL,
      signal,
    });
    return value;
  },
  configure: async (path, argument, { readOnly, signal }) => {
    const device = await open(path, readOnly ? 'r' : 'r+');
    try {
      const call = { fd: device.fd, request: LOOP_CONFIGURE, operation: 'LOOP_CONFIGURE' };
      await ioctlInThread({ ...call, path, argument, signal });
      return () => device.close();
    } catch (error) {
      await device.close();
      throw error;
    }
  },
};

/**
 * Attach `file` to the first free loop device.
 * @throws SyscallError from LOOP_CTL_GET_FREE or LOOP_CONFIGURE (Linux 5.8 or newer), or Node's own from opening
 */
export async function attachLoop(
  file: string,
  options: AttachLoopOptions = {},
): Promise<LoopDevice> {
  await using held = await holdLoop(file, options);
  return { path: held.path, number: held.number };
}

/**
 * Attach `file` to the first free loop device and keep that open. One with `autoclear` then serves for as long
 * as it is held here or used elsewhere, and is gone afterwards however its users end.
 * @throws what `attachLoop` throws
 */
export const holdLoop = (file: string, options: AttachLoopOptions = {}): Promise<HeldLoop> =>
  attachTo(kernel, file, options);

/**
 * Detach a loop device. One that is still open elsewhere goes when its last user closes it.
 * @throws SyscallError ENXIO when nothing is attached
 */
export async function detachLoop(path: string): Promise<void> {
  await loopIoctl(path, 'r', LOOP_CLR_FD, 'LOOP_CLR_FD');
}

/** Make the device as large as its backing file now is. @throws SyscallError ENXIO when nothing is attached */
export async function refreshLoopCapacity(path: string): Promise<void> {
  await loopIoctl(path, 'r+', LOOP_SET_CAPACITY, 'LOOP_SET_CAPACITY');
}

/** What is attached, and how. @throws SyscallError ENXIO when nothing is attached */
export async function loopStatus(path: string): Promise<LoopStatus> {
  const bytes = await loopIoctl(path, 'r', LOOP_GET_STATUS64, 'LOOP_GET_STATUS64', {
    argument: Buffer.alloc(loopInfo64.size),
  });
  return statusOf(bytes);
}

async function loopIoctl(
  path: string,
  mode: 'r' | 'r+',
  request: number,
  operation: string,
  {
    argument,
    signal,
  }: { readonly argument?: Buffer; readonly signal?: AbortSignal | undefined } = {},
): Promise<Buffer> {
  await using device = await open(path, mode);
  const { bytes } = await ioctlInThread({
    fd: device.fd,
    request,
    operation,
    path,
    signal,
    ...(argument && { argument }),
  });
  return bytes;
}
