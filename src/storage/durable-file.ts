// Small files that are whole or as they were, after whatever crash: written beside, made durable, renamed, and the name
// made durable, too.

import { randomInt } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../ioctl/errno.ts';

/** Names that a write which did not end leaves behind; Docker's are the same. */
export const isLeftover = (name: string): boolean => /^\.tmp\d+$/.test(name);

const SUFFIX_MAX = 2 ** 40;

/** A directory whose files are replaced whole. It is open, so that a name costs one call to make durable. */
export class DurableDirectory implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** @throws Node's own error where there is no such directory */
  static async open(path: string): Promise<DurableDirectory> {
    return new DurableDirectory(path, await open(path, 'r'));
  }

  /** Put `text` in the place of the file `name`: two fsyncs, one of the file and one of the directory. */
  async write(name: string, text: string): Promise<void> {
    const temporary = join(this.path, `.tmp${randomInt(SUFFIX_MAX)}`);
    try {
      await writeDurably(temporary, text);
      await rename(temporary, join(this.path, name));
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    await this.sync();
  }

  /** Remove the file `name`, if it is there; one fsync. */
  async remove(name: string): Promise<void> {
    try {
      await unlink(join(this.path, name));
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      return;
    }
    await this.sync();
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
