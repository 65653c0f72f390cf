// Finds the processes that hold a device: by descriptors, and by mounts in their mount namespaces.

import { readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { entriesOf, type HolderSearch, ifSeen, textOf } from './holder-places.ts';
import { type MountEntry, parseMountInfo } from './mount-table.ts';

/** A filesystem that is mounted from the device. */
export interface MountHolder {
  readonly kind: 'mount';
  readonly path: string;
  /** A process of the mount namespace; this process for its own namespace. */
  readonly pid: number;
  readonly command: string;
  /** Whether the mount is in the mount namespace of this process. */
  readonly ownNamespace: boolean;
}

/** A process that has the device open. */
export interface ProcessHolder {
  readonly kind: 'process';
  readonly pid: number;
  readonly command: string;
  readonly descriptor: number;
}

/** The names in a directory that are numbers. */
export const numbersIn = async (path: string): Promise<readonly number[]> =>
  (await entriesOf(path))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);

const isControl = (character: string): boolean => character < ' ' || character === '\x7f';

/** The name of the main thread in Node 24 and newer. It does not identify the program. */
const MAIN_THREAD = /^(node-)?MainThread$/;

/**
 * The name of a process. Control characters are replaced, because a process chooses its own name. For a main thread of
 * Node, it is the name of the program. The command line is not read: a stuck process can block the reader.
 */
export async function commandOf({ procDir }: HolderSearch, pid: number): Promise<string> {
  const name = (await textOf(join(procDir, `${pid}`, 'comm'))) ?? '?';
  const program = MAIN_THREAD.test(name)
    ? await ifSeen(readlink(join(procDir, `${pid}`, 'exe')))
    : undefined;
  const shown = program === undefined ? name : basename(program);
  return [...shown].map((character) => (isControl(character) ? '?' : character)).join('');
}

/** The mounts of the device, once for each mount namespace and path. */
export async function findMounts(search: HolderSearch): Promise<readonly MountHolder[]> {
  const { procDir } = search;
  const self = Number(await ifSeen(readlink(join(procDir, 'self'))));
  const pids = (await numbersIn(procDir)).toSorted(
    (a, b) => Number(b === self) - Number(a === self),
  );
  // A namespace is identified by its link, or, if that is not readable, by its list of mounts.
  const seen = new Set<string>();
  const found: MountHolder[] = [];
  for (const pid of pids) {
    const namespace = await ifSeen(readlink(join(procDir, `${pid}`, 'ns/mnt')));
    if (namespace !== undefined && seen.has(namespace)) continue;
    const text = await textOf(join(procDir, `${pid}`, 'mountinfo'));
    if (text === undefined || seen.has(text)) continue;
    seen.add(text).add(namespace ?? text);
    const paths = await mountPaths(text, search);
    if (paths.length === 0) continue;
    const command = await commandOf(search, pid);
    for (const path of paths) {
      found.push({ kind: 'mount', path, pid, command, ownNamespace: pid === self });
    }
  }
  return found;
}

async function mountPaths(text: string, search: HolderSearch): Promise<readonly string[]> {
  const paths = new Set<string>();
  for (const entry of parseMountInfo(text)) {
    if (await isFrom(entry, search)) paths.add(entry.path);
  }
  return [...paths];
}

/**
 * A filesystem on several devices, such as btrfs, has a device number of its own. Its source names one of the devices.
 */
const isFrom = async ({ dev, source }: MountEntry, search: HolderSearch): Promise<boolean> =>
  search.devs.has(dev) ||
  (dev.startsWith('0:') && source.startsWith('/dev/') && (await search.isNamed(source)));

/** The open descriptors of the device. Descriptors of a node outside a directory `dev` are not found. */
export async function findDescriptors(search: HolderSearch): Promise<readonly ProcessHolder[]> {
  const found: ProcessHolder[] = [];
  for (const pid of await numbersIn(search.procDir)) {
    const directory = join(search.procDir, `${pid}`, 'fd');
    const descriptors = await numbersIn(directory);
    const held = await Promise.all(
      descriptors.map(async (descriptor) => {
        const link = join(directory, `${descriptor}`);
        // Check the path first: stat(2) of an arbitrary file could block on a file server.
        const target = await ifSeen(readlink(link));
        return target?.includes('/dev/') && (await search.isDevice(link)) ? [descriptor] : [];
      }),
    );
    if (held.flat().length === 0) continue;
    const command = await commandOf(search, pid);
    for (const descriptor of held.flat()) found.push({ kind: 'process', pid, command, descriptor });
  }
  return found;
}
