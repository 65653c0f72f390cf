// Nodes in /dev/mapper: symbolic links to ../dm-N, like udev's, for machines without udev and for the time before udev
// creates them. Each function keeps correct nodes, so that dmts and udev can run at the same time.

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  type Stats,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { createNode } from '../../ioctl/device/missing-node.ts';
import { isErrno } from '../../ioctl/libc/errno.ts';
import { permissionError } from '../../ioctl/libc/unavailable.ts';
import { majorOf, minorOf } from '../wire/device-number.ts';

const CONTROL = 'control';

/** The directory of the nodes. */
const directory = (devDir: string): string => `${devDir}/mapper`;

/** The path of a device in devtmpfs: `/dev/dm-0`. */
export const nodePath = (devDir: string, dev: bigint): string => `${devDir}/dm-${minorOf(dev)}`;

/** The path of a device's node, as the kernel's bytes, which may not be UTF-8. */
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

/** Makes `/dev/mapper/NAME` refer to `dev`. @throws Node's own error, such as EROFS; UnavailableError */
export function makeNode(devDir: string, mangledName: string, dev: bigint): void {
  const path = namePath(devDir, mangledName);
  if (leadsTo(path, dev)) return;
  try {
    mkdirSync(directory(devDir), { recursive: true });
    makeDeviceNode(devDir, dev);
    if (isReplaceable(path)) removeFile(path);
    symlinkSync(`../dm-${minorOf(dev)}`, path);
  } catch (error) {
    // udev created it in the meantime.
    if (isErrno(error, 'EEXIST') && leadsTo(path, dev)) return;
    throw permissionError(`create '${path.toString()}'`, error);
  }
}

/** Creates `/dev/dm-N` where devtmpfs does not: in a container, or in another `devDir`. */
function makeDeviceNode(devDir: string, dev: bigint): void {
  const path = nodePath(devDir, dev);
  if (statOrNothing(Buffer.from(path), false) !== undefined) return;
  try {
    createNode(path, { type: 'block', major: majorOf(dev), minor: minorOf(dev) });
  } catch {
    // Without permission the link dangles, but the device is usable: tables accept its number.
  }
}

/** Whether `/dev/mapper/NAME` exists as a device node or a symbolic link. */
export const hasNode = (devDir: string, mangledName: string): boolean =>
  isReplaceable(namePath(devDir, mangledName));

/** Removes `/dev/mapper/NAME` if it is a node. @throws Node's own error, such as EROFS */
export function removeNode(devDir: string, mangledName: string): void {
  const path = namePath(devDir, mangledName);
  if (isReplaceable(path)) removeFile(path);
}

function removeFile(path: Buffer): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // udev removed it in the meantime.
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

/** Creates the nodes of `devices` and removes all others, like `dmsetup mknodes`. */
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
