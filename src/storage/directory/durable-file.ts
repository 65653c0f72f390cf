// Small files that are replaced atomically and durably: write a temporary file, sync it, rename it, and sync the
// directory. After a crash a file has its old or its new content.

import { randomInt } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KeyedLock } from '../../dm/device/keyed-lock.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { type ErrnoCode, isErrno } from '../../ioctl/libc/errno.ts';
import { StorageError } from '../config/errors.ts';
import { makeReserve, RESERVE_FILE, writeInReserve } from './reserve-file.ts';

/** Whether a file is the temporary file of an interrupted write. Docker uses the same names. */
export const isLeftover = (name: string): boolean => /^\.tmp\d+$/.test(name);

const SUFFIX_MAX = 2 ** 40;

/** A directory whose files are replaced atomically. It stays open, so that syncing it takes one call. */
export class DurableDirectory implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;
  /** Serialises the use of the reserve file. `undefined`: there is no reserve file. */
  readonly #reserve: KeyedLock | undefined;

  private constructor(path: string, handle: FileHandle, reserve: KeyedLock | undefined) {
    this.path = path;
    this.#handle = handle;
    this.#reserve = reserve;
  }

  /**
   * Opens a directory. With `reserve` it keeps a reserve file, so that files can be replaced while the filesystem is
   * full.
   * @throws Node's own error if the directory does not exist
   */
  static async open(
    path: string,
    { reserve = false }: { readonly reserve?: boolean } = {},
  ): Promise<DurableDirectory> {
    return new DurableDirectory(path, await open(path, 'r'), reserve ? new KeyedLock() : undefined);
  }

  /**
   * Replaces the file `name` with `text`. It takes two fsyncs, of the file and of the directory.
   * @throws StorageError ERR_STORAGE_WRITE when the filesystem is full or read-only, its disk fails, or a directory has its
   * name; Node's own error otherwise
   */
  async write(name: string, text: string): Promise<void> {
    const temporary = this.#temporary();
    try {
      await writeDurably(temporary, text);
      await rename(temporary, join(this.path, name));
    } catch (error) {
      await attempt(() => unlink(temporary));
      const full = isErrno(error, 'ENOSPC', 'EDQUOT');
      if (!full || !(await this.#writeInReserve(name, text))) {
        throw whyNotWritten(error, join(this.path, name));
      }
    }
    await this.#syncAfter(name);
    await this.#makeReserve();
  }

  #temporary(): string {
    return join(this.path, `.tmp${randomInt(SUFFIX_MAX)}`);
  }

  async #writeInReserve(name: string, text: string): Promise<boolean> {
    const file = { name, text };
    const task = async (): Promise<true> => {
      await writeInReserve(this.path, this.#temporary(), file);
      return true;
    };
    const written = await attempt(() => this.#reserve?.run([RESERVE_FILE], task, undefined));
    return written ?? false;
  }

  /** Creates the reserve file. A call that finds no space creates none, and a later call tries again. */
  async #makeReserve(): Promise<void> {
    const temporary = this.#temporary();
    const task = async (): Promise<void> => {
      const made = await attempt(() => makeReserve(this.path, temporary).then(() => true));
      if (!made) await attempt(() => unlink(temporary));
    };
    await this.#reserve?.run([RESERVE_FILE], task, undefined);
  }

  /** Removes the file `name` if it exists. It takes one fsync. @throws as `write` does */
  async remove(name: string): Promise<void> {
    try {
      await unlink(join(this.path, name));
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return;
      throw whyNotWritten(error, join(this.path, name));
    }
    await this.#syncAfter(name);
    await this.#makeReserve();
  }

  /** Renames a file durably. */
  async rename(from: string, to: string): Promise<void> {
    await rename(join(this.path, from), join(this.path, to));
    await this.sync();
  }

  /** Makes a change of the file `name` durable. @throws as `write` does */
  async #syncAfter(name: string): Promise<void> {
    try {
      await this.sync();
    } catch (error) {
      throw whyNotWritten(error, join(this.path, name));
    }
  }

  /** Syncs the directory, which makes its names durable. */
  sync(): Promise<void> {
    return this.#handle.sync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(text);
  await file.sync();
}

const NOT_WRITABLE: Readonly<Partial<Record<ErrnoCode, readonly [problem: string, hint: string]>>> =
  {
    ENOSPC: ['its filesystem is full', 'Free space on it'],
    EDQUOT: ['the disk quota is used up', 'Free space or raise the quota'],
    EROFS: [
      'its filesystem is read-only',
      'Mount it read-write. If the kernel made it read-only after an error, the kernel log has the reason',
    ],
    EIO: ['its disk fails', 'The kernel log has the reason'],
    EISDIR: ['a directory is in its place', 'Move that directory away'],
    EEXIST: ['it is not a directory', 'Move it away'],
    ENOTDIR: ['a part of its path is not a directory', 'Move that part away'],
    ENOENT: ['a part of its path is missing, or is a link that leads nowhere', 'Restore that part'],
    ELOOP: ['a part of its path is a link that leads to itself', 'Move that link away'],
  };

/**
 * The error for a file or directory that cannot be written: a StorageError with a remedy if its filesystem is full or
 * read-only, its disk fails, or something else is in its place, else `cause`.
 */
export function whyNotWritten(cause: unknown, path: string): unknown {
  for (const [code, [problem, hint]] of Object.entries(NOT_WRITABLE)) {
    if (!isErrno(cause, code as ErrnoCode)) continue;
    return new StorageError({
      code: 'ERR_STORAGE_WRITE',
      subject: path,
      problem: `cannot change this file in ${dirname(path)}: ${problem}`,
      hint,
      cause,
    });
  }
  return cause;
}
