// Small files that are whole or as they were, after whatever crash: written beside, made durable, renamed, and the name
// made durable, too.

import { randomInt } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KeyedLock } from '../dm/keyed-lock.ts';
import { attempt } from '../ioctl/attempt.ts';
import { type ErrnoCode, isErrno } from '../ioctl/errno.ts';
import { StorageError } from './errors.ts';
import { makeReserve, RESERVE_FILE, writeInReserve } from './reserve-file.ts';

/** Names that a write which did not end leaves behind; Docker's are the same. */
export const isLeftover = (name: string): boolean => /^\.tmp\d+$/.test(name);

const SUFFIX_MAX = 2 ** 40;

/** A directory whose files are replaced whole. It is open, so that a name costs one call to make durable. */
export class DurableDirectory implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;
  /** One task at a time has the reserve. Without a lock there is none. */
  readonly #reserve: KeyedLock | undefined;

  private constructor(path: string, handle: FileHandle, reserve: KeyedLock | undefined) {
    this.path = path;
    this.#handle = handle;
    this.#reserve = reserve;
  }

  /**
   * Open a directory. With `reserve` it keeps a file, so that files can be replaced when its filesystem is full.
   * @throws Node's own error where there is no such directory
   */
  static async open(
    path: string,
    { reserve = false }: { readonly reserve?: boolean } = {},
  ): Promise<DurableDirectory> {
    return new DurableDirectory(path, await open(path, 'r'), reserve ? new KeyedLock() : undefined);
  }

  /**
   * Put `text` in the place of the file `name`: two fsyncs, one of the file and one of the directory.
   * @throws StorageError ERR_STORAGE_WRITE when its filesystem is full or read-only, Node's own error otherwise
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
    await this.sync();
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

  /** If there is no room for it, there will be later. */
  async #makeReserve(): Promise<void> {
    const temporary = this.#temporary();
    const task = async (): Promise<void> => {
      const made = await attempt(() => makeReserve(this.path, temporary).then(() => true));
      if (!made) await attempt(() => unlink(temporary));
    };
    await this.#reserve?.run([RESERVE_FILE], task, undefined);
  }

  /** Remove the file `name`, if it is there; one fsync. @throws as `write` does */
  async remove(name: string): Promise<void> {
    try {
      await unlink(join(this.path, name));
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return;
      throw whyNotWritten(error, join(this.path, name));
    }
    await this.sync();
    await this.#makeReserve();
  }

  /** Give a file another name, durably. */
  async rename(from: string, to: string): Promise<void> {
    await rename(join(this.path, from), join(this.path, to));
    await this.sync();
  }

  /** Make the names durable. */
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
    ENOSPC: ['its filesystem is full', 'Make room on it'],
    EDQUOT: ['the disk quota is used up', 'Make room, or raise the quota'],
    EROFS: [
      'its filesystem is read-only',
      'Mount it read-write; after an error the kernel log says why it is read-only',
    ],
  };

/** The error for a file that could not be changed: one that says what to do where its filesystem is full or read-only. */
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
