// Loop devices: a file as a block device. Source: <linux/loop.h>.

import { open } from 'node:fs/promises';
import { checkFields, type FieldChecks, isFlag, isPath, isQuantity, isSignal } from './checks.ts';
import { ioctlInThread } from './kernel-call.ts';
import { attachTo, type HeldLoop, type LoopDevice } from './loop-attach.ts';
import { loopKernel } from './loop-kernel.ts';
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
 * Attach `file` to the first free loop device.
 * @throws SyscallError what the kernel refuses; Node's own error from opening
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
export async function holdLoop(file: string, options: AttachLoopOptions = {}): Promise<HeldLoop> {
  isPath(file, 'file');
  checkFields(options, ATTACH);
  return attachTo(loopKernel, file, options);
}

/**
 * Detach a loop device. One that is still open elsewhere goes when its last user closes it.
 * @throws SyscallError ENXIO when nothing is attached
 */
export async function detachLoop(path: string): Promise<void> {
  await loopIoctl(path, 'r', 'LOOP_CLR_FD');
}

/** Make the device as large as its backing file now is. @throws SyscallError ENXIO when nothing is attached */
export async function refreshLoopCapacity(path: string): Promise<void> {
  await loopIoctl(path, 'r+', 'LOOP_SET_CAPACITY');
}

/** What is attached, and how. @throws SyscallError ENXIO when nothing is attached */
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
  await using device = await open(path, mode);
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
