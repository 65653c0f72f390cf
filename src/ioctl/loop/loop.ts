// Loop devices: a file as a block device. Source: <linux/loop.h>.

import {
  checkFields,
  type FieldChecks,
  isFlag,
  isPath,
  isQuantity,
  isSignal,
} from '../input/checks.ts';
import { ioctlInThread } from '../thread/kernel-call.ts';
import { attachTo, type HeldLoop, type LoopDevice } from './loop-attach.ts';
import { loopKernel, openLoop } from './loop-kernel.ts';
import {
  type AttachLoopOptions,
  LOOP_REQUESTS,
  type LoopRequest,
  type LoopStatus,
  loopInfo64,
  statusOf,
} from './loop-records.ts';

export type { HeldLoop, LoopDevice } from './loop-attach.ts';
export type { AttachLoopOptions, LoopStatus } from './loop-records.ts';

const ATTACH: FieldChecks<AttachLoopOptions> = {
  offset: isQuantity,
  sizeLimit: isQuantity,
  readOnly: isFlag,
  autoclear: isFlag,
  directIo: (value, field) => {
    if (value !== 'try') isFlag(value, field);
  },
  blockSize: isQuantity,
  signal: isSignal,
};

/**
 * Attaches `file` to the first free loop device.
 * @throws SyscallError if the kernel refuses; Node's own error from opening
 */
export async function attachLoop(
  file: string,
  options: AttachLoopOptions = {},
): Promise<LoopDevice> {
  await using held = await holdLoop(file, options);
  return { path: held.path, number: held.number };
}

/**
 * Attaches `file` to the first free loop device and keeps the device open. With `autoclear` the kernel detaches the file
 * after the last holder, this process included, has closed the device or died.
 * @throws the errors of `attachLoop`
 */
export async function holdLoop(file: string, options: AttachLoopOptions = {}): Promise<HeldLoop> {
  isPath(file, 'file');
  checkFields(options, ATTACH);
  return attachTo(loopKernel, file, options);
}

/**
 * Detaches a loop device. If other holders have it open, the kernel detaches it at the last close.
 * @throws SyscallError ENXIO if no file is attached
 */
export async function detachLoop(path: string): Promise<void> {
  await loopIoctl(path, 'r', 'LOOP_CLR_FD');
}

/** Adopts the current size of the backing file. @throws SyscallError ENXIO if no file is attached */
export async function refreshLoopCapacity(path: string): Promise<void> {
  await loopIoctl(path, 'r+', 'LOOP_SET_CAPACITY');
}

/** The status of a loop device. @throws SyscallError ENXIO if no file is attached */
export async function loopStatus(path: string): Promise<LoopStatus> {
  const bytes = await loopIoctl(path, 'r', 'LOOP_GET_STATUS64', Buffer.alloc(loopInfo64.size));
  return statusOf(bytes);
}

async function loopIoctl(
  path: string,
  mode: 'r' | 'r+',
  operation: LoopRequest,
  argument?: Buffer,
): Promise<Buffer> {
  isPath(path, 'path');
  await using device = await openLoop(path, mode);
  const request = LOOP_REQUESTS[operation];
  const { bytes } = await ioctlInThread({
    fd: device.fd,
    request,
    operation,
    path,
    ...(argument && { argument }),
  });
  return bytes;
}
