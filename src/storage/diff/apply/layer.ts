// A layer that is being written. The kernel resolves each path as after chroot(2) into the layer. Every change is made
// relative to the descriptor of the resulting directory, by calls that follow no symbolic link.

import { mkdirSync } from 'node:fs';
import { isErrno } from '../../../ioctl/libc/errno.ts';
import { type Directory, openTop } from '../tree/directory.ts';
import type { Checkpoint } from '../tree/options.ts';
import { nameOf } from '../tree/paths.ts';
import { removeInheritedAcls, setMode } from './attributes.ts';
import { LeftOut } from './left-out.ts';
import { removeAll, removeAllBut } from './remove.ts';

/** The mode that Docker gives to parent directories that the tar does not list. */
const IMPLIED_MODE = 0o755;

/** The number of directories that stay open. */
const OPEN_MAX = 64;

interface OpenDirectory {
  /** Inside the layer. */
  readonly path: string;
  readonly directory: Directory;
}

interface Create {
  /** Create a directory that does not exist, and those above it. */
  readonly create: boolean;
}

/** A layer that is being written. Disposing closes its descriptors. */
export class Layer implements Disposable {
  readonly top: Directory;
  readonly leftOut: LeftOut = new LeftOut();
  readonly #checkpoint: Checkpoint;
  /**
   * Open directories, each on the path of the next one. A tar lists a directory before its content, so the next path mostly
   * leads from one of them: from the top, each path would take as many steps as it is deep.
   */
  readonly #open: OpenDirectory[] = [];
  #stale = false;

  constructor(top: Directory, checkpoint: Checkpoint) {
    this.top = top;
    this.#checkpoint = checkpoint;
  }

  /**
   * The directory at a path inside the layer, by default created if it does not exist. It stays open until the next call.
   * @throws SyscallError ENOENT
   */
  directory(path: string, { create = true }: Partial<Create> = {}): Directory {
    const from = this.#nearest(path);
    if (from.path === path) return from.directory;
    return this.#beneath(from, path) ?? this.#stepwise(path, { create });
  }

  /** The last open directory on a path. The ones behind it are closed. */
  #nearest(path: string): OpenDirectory {
    if (this.#stale) this.#release();
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      if (path === last.path || path.startsWith(`${last.path}/`)) return last;
      this.#open.pop()?.directory[Symbol.dispose]();
    }
    return { path: '', directory: this.top };
  }

  #keep(path: string, directory: Directory): Directory {
    if (this.#open.length === OPEN_MAX) this.#open.shift()?.directory[Symbol.dispose]();
    this.#open.push({ path, directory });
    return directory;
  }

  /** The directory at a path without symbolic links below `from`; `undefined` if there is none. */
  #beneath(from: OpenDirectory, path: string): Directory | undefined {
    const rest = from.path === '' ? path : path.slice(from.path.length + 1);
    try {
      return this.#keep(path, from.directory.below(rest));
    } catch (error) {
      if (!isErrno(error, 'ENOENT', 'ELOOP')) throw error;
      return undefined;
    }
  }

  /** Opens a path name by name: one may be missing, or be a symbolic link. */
  #stepwise(path: string, { create }: Create): Directory {
    for (;;) {
      const from = this.#nearest(path);
      if (from.path === path) return from.directory;
      const end = path.indexOf('/', from.path === '' ? 0 : from.path.length + 1);
      const next = end === -1 ? path : path.slice(0, end);
      if (this.#beneath(from, next) !== undefined) continue;
      if (create) this.#create(from.directory, nameOf(next));
      this.#keep(next, this.top.inside(next));
    }
  }

  /** Creates a directory unless something has its name. */
  #create(above: Directory, name: string): void {
    try {
      mkdirSync(above.at(name));
      const target = { directory: above, name };
      removeInheritedAcls(target);
      setMode(target, IMPLIED_MODE);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }

  /** Removes `name` with its content, if it exists. */
  remove(directory: Directory, name: string): void {
    // The open directory's path may lead through `name`.
    this.#stale = true;
    removeAll(directory, name, this.#checkpoint);
  }

  /** Removes everything in the directory `path` except the paths for which `keep` returns true. */
  removeAllBut(path: string, keep: (path: string) => boolean): void {
    const directory = this.directory(path);
    this.#stale = true;
    removeAllBut(directory, path, keep, this.#checkpoint);
  }

  /** Calls `make`; if `name` exists, removes it and calls `make` again. */
  replace<T>(directory: Directory, name: string, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    this.remove(directory, name);
    return make();
  }

  #release(): void {
    for (const { directory } of this.#open.splice(0)) directory[Symbol.dispose]();
    this.#stale = false;
  }

  [Symbol.dispose](): void {
    this.#release();
    this.top[Symbol.dispose]();
  }
}

/** Opens a layer for writing. @throws Node's own ENOENT or ENOTDIR */
export const openLayer = (path: string, checkpoint: Checkpoint): Layer =>
  new Layer(openTop(path), checkpoint);
