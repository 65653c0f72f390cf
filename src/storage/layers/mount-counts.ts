// Which layers are mounted, and how often. Each process has its own counts; an earlier mount counts once.

import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { parseMountInfo } from '../../block/mount-table.ts';
import { isErrno } from '../../ioctl/libc/errno.ts';
import type { Layout } from '../directory/layout.ts';

/** How often each layer is mounted. */
export class MountCounts {
  readonly #counts: Map<string, number>;
  /** Layers that are unmounted and whose devices could not be deactivated. */
  readonly held: Set<string> = new Set();

  /** @param mounted the layers that are mounted already */
  constructor(mounted: Iterable<string> = []) {
    this.#counts = new Map([...mounted].map((id) => [id, 1]));
  }

  /** How often a layer is mounted. */
  of(id: string): number {
    return this.#counts.get(id) ?? 0;
  }

  /** Adds 1 to the count, or subtracts 1. */
  add(id: string, step: 1 | -1): void {
    this.set(id, this.of(id) + step);
  }

  /** Sets the count. */
  set(id: string, count: number): void {
    this.held.delete(id);
    if (count > 0) this.#counts.set(id, count);
    else this.#counts.delete(id);
  }

  /** The layers that are mounted. */
  ids(): readonly string[] {
    return [...this.#counts.keys()];
  }
}

/** The real path of a directory; `path` itself if it does not exist. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return path;
    throw error;
  }
}

/** The layers whose mount points are in use, in the mount namespace of this process. */
export async function mountedLayers({ mounts }: Layout): Promise<ReadonlySet<string>> {
  const directory = await realPath(mounts);
  const table = parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
  return new Set(
    table.flatMap(({ path }) => {
      const id = path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : '';
      return id !== '' && !id.includes('/') ? [id] : [];
    }),
  );
}

/** The mount point of a layer. */
export const mountPoint = ({ mounts }: Layout, id: string): string => join(mounts, id);
