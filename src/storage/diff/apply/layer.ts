// A layer that is being written. The kernel resolves each path as after chroot(2) into the layer. Every change is made
// relative to the descriptor of the resulting directory, by calls that follow no symbolic link.

import { mkdir } from 'node:fs/promises';
import { isErrno } from '../../../ioctl/libc/errno.ts';
import { type Directory, openTop } from '../tree/directory.ts';
import { nameOf, parentOf } from '../tree/paths.ts';
import { removeInheritedAcls, setMode } from './attributes.ts';
import { LeftOut } from './left-out.ts';
import { removeAll } from './remove.ts';

/** The mode that Docker gives to parent directories that the tar does not list. */
const IMPLIED_MODE = 0o755;

/** A layer that is being written. Disposing closes its descriptors. */
export class Layer implements Disposable {
  readonly top: Directory;
  readonly leftOut: LeftOut = new LeftOut();
  readonly #signal: AbortSignal | undefined;
  // A tar lists the files of a directory one after the other.
  #last: { readonly path: string; readonly directory: Directory } | undefined;
  #stale = false;

  constructor(top: Directory, signal: AbortSignal | undefined) {
    this.top = top;
    this.#signal = signal;
  }

  /** The directory at a path inside the layer, created if it does not exist. It stays open until the next call. */
  async directory(path: string): Promise<Directory> {
    if (path === '') return this.top;
    if (this.#last?.path === path && !this.#stale) return this.#last.directory;
    this.#release();
    const directory = await this.#open(path);
    this.#last = { path, directory };
    return directory;
  }

  async #open(path: string): Promise<Directory> {
    try {
      return await this.top.inside(path, this.#signal);
    } catch (error) {
      if (!isErrno(error, 'ENOENT') || path === '') throw error;
    }
    using above = await this.#open(parentOf(path));
    const name = nameOf(path);
    try {
      await mkdir(above.at(name));
      const target = { directory: above, name, signal: this.#signal };
      await removeInheritedAcls(target);
      await setMode(target, IMPLIED_MODE);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    return await this.top.inside(path, this.#signal);
  }

  /** Removes `name` with its content, if it exists. */
  async remove(directory: Directory, name: string): Promise<void> {
    // The open directory's path may lead through `name`.
    this.#stale = true;
    await removeAll(directory, name, this.#signal);
  }

  /** Calls `make`; if `name` exists, removes it and calls `make` again. */
  async replace<T>(directory: Directory, name: string, make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    await this.remove(directory, name);
    return await make();
  }

  /** Forgets the open directory: something on its path may have changed. */
  forget(): void {
    this.#stale = true;
  }

  #release(): void {
    this.#last?.directory[Symbol.dispose]();
    this.#last = undefined;
    this.#stale = false;
  }

  [Symbol.dispose](): void {
    this.#release();
    this.top[Symbol.dispose]();
  }
}

/** Opens a layer for writing. @throws Node's own ENOENT or ENOTDIR */
export const openLayer = async (path: string, signal?: AbortSignal): Promise<Layer> =>
  new Layer(await openTop(path), signal);
