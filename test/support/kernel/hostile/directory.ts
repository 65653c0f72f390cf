// The files of a storage directory that is shut down: a listing that shows each change, and the restoration of the small ones.

import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { MiB } from '../scratch.ts';

/** Larger files are the pool's. */
const SMALL_MAX = 64 * 1024;

/** Every name below a directory, relative to it, with the facts that a change would change. */
export function listing(root: string): Readonly<Record<string, string>> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(root, name);
      const found = lstatSync(path, { bigint: true });
      const { mode, uid, gid, size, nlink, rdev, mtimeNs } = found;
      const isSmall = found.isFile() && size <= SMALL_MAX;
      const content = isSmall
        ? readFileSync(path, 'latin1')
        : found.isSymbolicLink()
          ? readlinkSync(path)
          : '';
      // The kernel sets the times of the pool's files.
      const time = found.isFile() && size >= MiB ? '' : mtimeNs;
      return [name, [mode.toString(8), uid, gid, size, nlink, rdev, time, content].join(' ')];
    }),
  );
}

interface SavedFile {
  readonly content: Buffer;
  readonly mode: number;
}

/** The small files of a storage directory. */
export class SmallFiles {
  readonly #root: string;
  readonly #directories: readonly string[];
  readonly #files = new Map<string, SavedFile>();

  /** Reads the files of these directories, relative to the root; `''` is the root itself. */
  constructor(root: string, directories: readonly string[]) {
    this.#root = root;
    this.#directories = directories;
    for (const directory of directories) {
      for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
        const path = join(directory, entry.name);
        const { size, mode } = lstatSync(join(root, path));
        if (!entry.isFile() || size > SMALL_MAX) continue;
        this.#files.set(path, { content: readFileSync(join(root, path)), mode });
      }
    }
  }

  /** The paths of the files. */
  get names(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** The content of a file. */
  of(path: string): Buffer {
    const file = this.#files.get(path);
    if (file === undefined) throw new Error(`${path} is not saved`);
    return file.content;
  }

  /** Restores every file, and removes what is new in their directories, except the files of the pool. */
  restore(): void {
    for (const directory of this.#directories) {
      for (const name of readdirSync(join(this.#root, directory))) {
        const path = join(directory, name);
        const found = lstatSync(join(this.#root, path));
        const isPools = found.isFile() && found.size >= MiB;
        const isDirectory = directory === '' && found.isDirectory();
        if (this.#files.has(path) || isPools || isDirectory) continue;
        rmSync(join(this.#root, path), { recursive: true });
      }
    }
    for (const [name, { content, mode }] of this.#files) {
      const path = join(this.#root, name);
      const there = lstatSync(path, { throwIfNoEntry: false });
      if (there !== undefined && !(there.isFile() && there.nlink === 1)) {
        rmSync(path, { recursive: true });
      }
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      chownSync(path, 0, 0);
      chmodSync(path, mode);
      utimesSync(path, 1, 1);
    }
  }
}
