// The kernel calls of loop-attach.ts, made to the real kernel.

import { type FileHandle, open } from 'node:fs/promises';
import { MissingNode } from '../device/missing-node.ts';
import { blockTarget, miscTarget, type NodeTarget } from '../device/node-target.ts';
import { readDirectly } from '../file/read-start.ts';
import { ioctlInThread } from '../thread/kernel-call.ts';
import type { LoopKernel } from './loop-attach.ts';
import { LOOP_REQUESTS } from './loop-records.ts';

const LOOP_CONTROL = '/dev/loop-control';
/** LOOP_CTRL_MINOR */
const LOOP_CONTROL_MINOR = 237;
const loopControl: NodeTarget = miscTarget('loop-control', LOOP_CONTROL_MINOR, {
  title: 'loop devices',
  absent:
    'This kernel has no loop driver. Load it with "modprobe loop", or boot a kernel built with CONFIG_BLK_DEV_LOOP',
});
const LOOP_CTL_GET_FREE = 0x4c82;
/** The default logical block size of a loop device, in bytes. */
const BLOCK = 512;

/** The loop devices of this machine. */
export const loopKernel: LoopKernel = {
  firstFree: async (signal) => {
    await using control = await openNode(LOOP_CONTROL, 'r+', loopControl);
    const { value } = await ioctlInThread({
      fd: control.fd,
      request: LOOP_CTL_GET_FREE,
      operation: 'LOOP_CTL_GET_FREE',
      path: LOOP_CONTROL,
      signal,
    });
    return value;
  },
  open: async ({ path, number }, readOnly) => {
    const device = await openNode(path, readOnly ? 'r' : 'r+', blockTarget(`loop${number}`));
    return {
      request: async (operation, argument, signal) => {
        const request = LOOP_REQUESTS[operation];
        await ioctlInThread({ fd: device.fd, request, operation, path, argument, signal });
      },
      close: () => device.close(),
    };
  },
  readDirectly: (file, { offset = 0n, blockSize = 0, signal }) =>
    readDirectly(file, { start: BigInt(offset), length: blockSize || BLOCK, signal }),
};

/**
 * Opens a loop device for one request. The node of a loop device that another program attached can be missing: in a
 * container that is older than the device. Then a node is created and, once it is open, removed.
 */
export async function openLoop(path: string, mode: 'r' | 'r+'): Promise<FileHandle> {
  const [, name] = /^\/dev\/(loop\d+)$/.exec(path) ?? [];
  if (name === undefined) return open(path, mode);
  const node = new MissingNode(path, blockTarget(name));
  const device = await openOrCreate(path, mode, node);
  node.discard();
  return device;
}

/** Opens a node. Creates it if it is missing. */
const openNode = (path: string, mode: 'r' | 'r+', target: NodeTarget): Promise<FileHandle> =>
  openOrCreate(path, mode, new MissingNode(path, target));

async function openOrCreate(
  path: string,
  mode: 'r' | 'r+',
  node: MissingNode,
): Promise<FileHandle> {
  try {
    return await openChecked(path, mode, node);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw node.explain(error);
  }
  node.create();
  try {
    return await openChecked(path, mode, node);
  } catch (error) {
    throw node.explain(error);
  }
}

async function openChecked(path: string, mode: 'r' | 'r+', node: MissingNode): Promise<FileHandle> {
  const file = await open(path, mode);
  try {
    node.check(await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
