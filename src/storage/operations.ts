// What is under way on a storage, so that nothing is closed under it.

import type { Readable } from 'node:stream';
import { StorageError } from './errors.ts';

/** The operations of an open storage. */
export class Operations {
  readonly #root: string;
  readonly #running = new Set<Promise<unknown>>();
  readonly #streams = new Set<Readable>();
  #closed = false;

  constructor(root: string) {
    this.#root = root;
  }

  /** Carry out `task`, which is waited for before the storage closes. @throws StorageError ERR_STORAGE_CLOSED */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      throw new StorageError({
        code: 'ERR_STORAGE_CLOSED',
        subject: this.#root,
        problem: 'it has been closed',
      });
    }
    const running = task();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** A stream that is destroyed before the storage closes. */
  watch(stream: Readable): Readable {
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  /** Begin nothing any more, and wait for what is under way. */
  async end(): Promise<void> {
    const closed = [...this.#streams].map(
      (stream) => new Promise((resolve) => stream.once('close', resolve).destroy()),
    );
    await Promise.all(closed);
    this.#closed = true;
    await Promise.allSettled(this.#running);
  }
}
