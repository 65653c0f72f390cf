// Finds the holders of a block device, which "device or resource busy" does not name.

import { join } from 'node:path';
import { attempt } from '../ioctl/input/attempt.ts';
import { isDeviceNumber, isObject, isOneOf } from '../ioctl/input/checks.ts';
import { type FileHolder, findFileUsers } from './file-users.ts';
import {
  beginSearch,
  entriesOf,
  type HolderPlaces,
  type HolderSearch,
  textOf,
} from './holder-places.ts';
import { parseSwaps } from './mount-table.ts';
import {
  findDescriptors,
  findMounts,
  type MountHolder,
  type ProcessHolder,
} from './process-holders.ts';

export type { FileHolder } from './file-users.ts';
export type { HolderPlaces } from './holder-places.ts';
export type { MountHolder, ProcessHolder } from './process-holders.ts';

/** A device on top of the device: `dm-3`, and its name in the device mapper, if it is a mapped device. */
export interface DeviceHolder {
  readonly kind: 'device';
  readonly name: string;
  readonly mapperName: string | undefined;
}

/** Swap space on the device, by the path that the kernel gives. */
export interface SwapHolder {
  readonly kind: 'swap';
  readonly path: string;
}

/** A loop device (`loop3`) whose backing file is the device. */
export interface LoopHolder {
  readonly kind: 'loop';
  readonly name: string;
}

/** A holder of a device. */
export type Holder =
  | FileHolder
  | DeviceHolder
  | MountHolder
  | ProcessHolder
  | SwapHolder
  | LoopHolder;

/**
 * The holders of the block device with number `dev` or of its partitions: devices on top, mounts in any mount
 * namespace, swap, loop devices, open descriptors. Without privileges, only those that this user may see. Mounts in a
 * namespace without a process, and kernel users that sysfs does not list, are not found, so an empty list does not
 * prove that the device is free.
 */
export async function findHolders(
  dev: bigint,
  places: HolderPlaces = {},
): Promise<readonly Holder[]> {
  isDeviceNumber(dev, 'dev');
  isObject(places, 'options');
  const search = await beginSearch(dev, places);
  const kinds = [findDevices, findMounts, findSwaps, findLoops, findDescriptors];
  const found = (await Promise.all(kinds.map((find) => find(search)))).flat();
  // This search comes last: it calls stat(2) on all open files, and a file server may not answer.
  return found.length > 0 ? found : findFileUsers(search);
}

async function findDevices({ sysDir, devs }: HolderSearch): Promise<readonly DeviceHolder[]> {
  const lists = [...devs].map((dev) => entriesOf(join(sysDir, 'dev/block', dev, 'holders')));
  const names = (await Promise.all(lists)).flat();
  const holders = names.map(async (name): Promise<DeviceHolder> => {
    const mapperName = await textOf(join(sysDir, 'class/block', name, 'dm/name'));
    return { kind: 'device', name, mapperName };
  });
  return Promise.all(holders);
}

async function findSwaps({ procDir, isNamed }: HolderSearch): Promise<readonly SwapHolder[]> {
  const paths = parseSwaps((await textOf(join(procDir, 'swaps'))) ?? '');
  const ours = await Promise.all(paths.map(isNamed));
  return paths.filter((_, i) => ours[i]).map((path) => ({ kind: 'swap', path }));
}

async function findLoops({ sysDir, isNamed }: HolderSearch): Promise<readonly LoopHolder[]> {
  const names = (await entriesOf(join(sysDir, 'block'))).filter((name) => name.startsWith('loop'));
  const ours = names.map(async (name) => {
    const file = await textOf(join(sysDir, 'block', name, 'loop/backing_file'));
    return file !== undefined && (await isNamed(file));
  });
  const isOurs = await Promise.all(ours);
  return names.filter((_, i) => isOurs[i]).map((name) => ({ kind: 'loop', name }));
}

const processText = ({ pid, command }: { readonly pid: number; readonly command: string }) =>
  `pid ${pid} (${command})`;

const FILE_TEXTS: Readonly<Record<string, string>> = {
  cwd: 'its working directory',
  root: 'its root directory',
};
const fileText = (as: string): string => FILE_TEXTS[as] ?? `descriptor ${as}`;

const FORMATS: {
  readonly [K in Holder['kind']]: (holder: Extract<Holder, { kind: K }>) => string;
} = {
  device: ({ name, mapperName }) =>
    mapperName === undefined ? `below device ${name}` : `below device ${mapperName} (${name})`,
  mount: (holder) =>
    holder.ownNamespace
      ? `mounted on ${holder.path}`
      : `mounted on ${holder.path} by ${processText(holder)}, in another mount namespace`,
  process: (holder) => `open in ${processText(holder)} as descriptor ${holder.descriptor}`,
  file: (holder) => `in use by ${processText(holder)}, as ${fileText(holder.as)}`,
  swap: ({ path }) => `swap space, as ${path}`,
  loop: ({ name }) => `the backing file of ${name}`,
};

/**
 * Describes a holder, as the rest of a sentence that begins with "the device is": `'mounted on /mnt/a by pid 123 (bash),
 * in another mount namespace'`.
 */
export function formatHolder(holder: Holder): string {
  isObject(holder, 'holder');
  isOneOf(...Object.keys(FORMATS))(holder.kind, 'holder.kind');
  const format = FORMATS[holder.kind] as (holder: Holder) => string;
  return format(holder);
}

const NONE_FOUND =
  'No holder was found: a process that has just ended, or one in another pid namespace, may have had it open';

/**
 * The hint for a busy device: the holders of the device with number `dev`, or where to look if none was found. It never
 * fails, so it never replaces its error. `dev` is `undefined` for a device that is gone.
 */
export async function holdersHint(
  dev: bigint | undefined,
  places: HolderPlaces = {},
): Promise<string> {
  const holders = dev === undefined ? [] : await attempt(() => findHolders(dev, places));
  if (holders === undefined)
    return 'The search for its holders failed: "lsof" and "dmsetup ls --tree" may show them';
  return holders.length > 0 ? `It is ${holders.map(formatHolder).join('; ')}` : NONE_FOUND;
}
