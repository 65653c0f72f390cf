// The parameters of a search for the holders of a device. Files that cannot be read are skipped.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDev, parseDev } from '../dm/wire/device-number.ts';

/** The directories of a search. */
export interface HolderPlaces {
  /** @default '/proc' */
  readonly procDir?: string;
  /** @default '/sys' */
  readonly sysDir?: string;
  /** The directory for `/dev` in the kernel's paths. @default '/dev' */
  readonly devDir?: string;
  /** The number of the block device at a path; `undefined` if it is not one. @default stat(2) */
  readonly blockDeviceAt?: (path: string) => Promise<bigint | undefined>;
}

/** A running search. */
export interface HolderSearch {
  readonly procDir: string;
  readonly sysDir: string;
  /** The device and its partitions, as sysfs names them: `'8:0'`. */
  readonly devs: ReadonlySet<string>;
  /** Whether a path is the device or a partition of it. */
  readonly isDevice: (path: string) => Promise<boolean>;
  /** The same for a path from the kernel. */
  readonly isNamed: (path: string) => Promise<boolean>;
}

/** Begins a search for the holders of `dev`. */
export async function beginSearch(
  dev: bigint,
  { procDir = '/proc', sysDir = '/sys', devDir = '/dev', blockDeviceAt }: HolderPlaces,
): Promise<HolderSearch> {
  const devs = new Set([formatDev(dev), ...(await partitionsOf(dev, sysDir))]);
  const numberAt = blockDeviceAt ?? statBlockDevice;
  const isDevice = async (path: string): Promise<boolean> => {
    const found = await numberAt(path);
    return found !== undefined && devs.has(formatDev(found));
  };
  const isNamed = (path: string): Promise<boolean> =>
    isDevice(path.startsWith('/dev/') ? join(devDir, path.slice('/dev/'.length)) : path);
  return { procDir, sysDir, devs, isDevice, isNamed };
}

async function partitionsOf(dev: bigint, sysDir: string): Promise<readonly string[]> {
  const disk = join(sysDir, 'dev/block', formatDev(dev));
  const numbers = (await entriesOf(disk)).map(async (name) => {
    if ((await textOf(join(disk, name, 'partition'))) === undefined) return [];
    const number = await textOf(join(disk, name, 'dev'));
    return number === undefined ? [] : [formatDev(parseDev(number.trimEnd()))];
  });
  return (await Promise.all(numbers)).flat();
}

async function statBlockDevice(path: string): Promise<bigint | undefined> {
  const found = await ifSeen(stat(path, { bigint: true }));
  return found?.isBlockDevice() ? found.rdev : undefined;
}

/**
 * The result, or `undefined` if the system call fails for any reason: processes end, devices disappear, files of other
 * users are not readable, a server does not answer, or a path is too long for readlink(2) (ENAMETOOLONG). Changes by
 * other processes must not end a search.
 */
export async function ifSeen<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code === 'string') return undefined;
    throw error;
  }
}

/** A file's text without its last newline; `undefined` if it cannot be read. */
export const textOf = async (path: string): Promise<string | undefined> =>
  (await ifSeen(readFile(path, 'utf8')))?.replace(/\n$/, '');

/** The names in a directory, sorted; none if it cannot be read. */
export const entriesOf = async (path: string): Promise<readonly string[]> =>
  ((await ifSeen(readdir(path))) ?? []).toSorted();
