// Names below /dev/mapper: symbolic links to ../dm-N, as udev makes them, for machines where udev does not,
// and for the moment before it has. Each function leaves what is right alone, so both can be at work.

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  type Stats,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { isErrno } from '../ioctl/errno.ts';
import { createNode } from '../ioctl/missing-node.ts';
import { majorOf, minorOf } from './device-number.ts';

const CONTROL = 'control';

/** The directory of the names, and how a device's node is called there. */
const directory = (devDir: string): string => `${devDir}/mapper`;

/** The path that devtmpfs gives a device: `/dev/dm-0`. */
export const nodePath = (devDir: string, dev: bigint): string => `${devDir}/dm-${minorOf(dev)}`;

/** The name of a device below it: bytes, as the kernel has them, and not always UTF-8. */
const namePath = (devDir: string, mangledName: string): Buffer =>
  Buffer.concat([Buffer.from(`${directory(devDir)}/`), Buffer.from(mangledName, 'latin1')]);

const statOrNothing = (path: Buffer, follow: boolean): Stats | undefined =>
  (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false });

const leadsTo = (path: Buffer, dev: bigint): boolean => {
  const found = statOrNothing(path, true);
  return found?.isBlockDevice() === true && BigInt(found.rdev) === dev;
};

const isReplaceable = (path: Buffer): boolean => {
  const found = statOrNothing(path, false);
  return found !== undefined && (found.isSymbolicLink() || found.isBlockDevice());
};

/** Make `/dev/mapper/NAME` lead to `dev`. @throws Node's own error, such as EROFS */
export function makeNode(devDir: string, mangledName: string, dev: bigint): void {
  const path = namePath(devDir, mangledName);
  if (leadsTo(path, dev)) return;
  mkdirSync(directory(devDir), { recursive: true });
  makeDeviceNode(devDir, dev);
  if (isReplaceable(path)) removeFile(path);
  try {
    symlinkSync(`../dm-${minorOf(dev)}`, path);
  } catch (error) {
    // udev made it in the meantime.
    if (!isErrno(error, 'EEXIST') || !leadsTo(path, dev)) throw error;
  }
}

/** Make `/dev/dm-N` where no devtmpfs does: in a container, or in a directory of the caller's. */
function makeDeviceNode(devDir: string, dev: bigint): void {
  const path = nodePath(devDir, dev);
  if (statOrNothing(Buffer.from(path), false) !== undefined) return;
  try {
    createNode(path, { type: 'block', major: majorOf(dev), minor: minorOf(dev) });
  } catch {
    // Without the right to do so the name leads nowhere, and the device itself works: tables take its number.
  }
}

/** Whether there is `/dev/mapper/NAME`, and it is a device node or a symbolic link. */
export const hasNode = (devDir: string, mangledName: string): boolean =>
  isReplaceable(namePath(devDir, mangledName));

/** Remove `/dev/mapper/NAME`, if it is there and a device node. @throws Node's own error, such as EROFS */
export function removeNode(devDir: string, mangledName: string): void {
  const path = namePath(devDir, mangledName);
  if (isReplaceable(path)) removeFile(path);
}

function removeFile(path: Buffer): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // udev was quicker.
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

/** Make the nodes of `devices` and remove all others: what `dmsetup mknodes` does. */
export function syncNodes(
  devDir: string,
  devices: readonly { readonly mangledName: string; readonly dev: bigint }[],
): void {
  const wanted = new Set(devices.map(({ mangledName }) => mangledName));
  mkdirSync(directory(devDir), { recursive: true });
  for (const name of readdirSync(directory(devDir), { encoding: 'latin1' })) {
    if (name !== CONTROL && !wanted.has(name)) removeNode(devDir, name);
  }
  for (const { mangledName, dev } of devices) makeNode(devDir, mangledName, dev);
}
