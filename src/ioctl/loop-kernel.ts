// What attaching asks of the kernel, asked of the real one.

import { open } from 'node:fs/promises';
import { ioctlInThread } from './kernel-call.ts';
import type { LoopKernel } from './loop-attach.ts';
import { LOOP_REQUESTS } from './loop-records.ts';
import { readDirectly } from './read-start.ts';

const LOOP_CONTROL = '/dev/loop-control';
const LOOP_CTL_GET_FREE = 0x4c82;
/** The logical block of a loop device, unless another size is asked for. */
const BLOCK = 512;

/** This machine's loop devices. */
export const loopKernel: LoopKernel = {
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
  open: async ({ path }, readOnly) => {
    const device = await open(path, readOnly ? 'r' : 'r+');
    return {
      request: async (operation, argument, signal) => {
        const request = LOOP_REQUESTS[operation];
        await ioctlInThread({ fd: device.fd, request, operation, path, argument, signal });
      },
      close: () => device.close(),
    };
  },
  readDirectly: (file, { offset = 0n, blockSize = 0, signal }) =>
    readDirectly(file, { start: offset, length: blockSize || BLOCK, signal }),
};
