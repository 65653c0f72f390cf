// What is under way on a storage, so that nothing is closed under it.

import type { Readable } from 'node:stream';
import { StorageError } from './errors.ts';

/** The operations of an open storage. */
export class Operations {
  readonly #root: string;
  readonly #running = new Set<Promise<unknown>>();
  readonly #streams = new Map<Readable, readonly (string | undefined)[]>();
  #closed = false;

  constructor(root: string) {
    this.#root = root;
  }

  /** @throws StorageError ERR_STORAGE_CLOSED */
  #refuseIfClosed(): void {
    if (!this.#closed) return;
    throw new StorageError({
      code: 'ERR_STORAGE_CLOSED',
      subject: this.#root,
      problem: 'it has been closed',
    });
  }

  /**
   * Run `task`, which the storage waits for before it closes. A task does its parts without `run`: they are its own, and
   * must work while the storage waits.
   * @throws StorageError ERR_STORAGE_CLOSED
   */
  async run<T>(task: () => Promise<T>): Promise<T> {
    this.#refuseIfClosed();
    const running = task();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /**
   * A stream that is destroyed before the storage closes, and the layers that it has mounted.
   * @throws StorageError ERR_STORAGE_CLOSED
   */
  watch(layers: readonly (string | undefined)[], stream: Readable): Readable {
    this.#refuseIfClosed();
    this.#streams.set(stream, layers);
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  /** Wait until the streams of a layer that have been destroyed, or read to their end, have unmounted it. */
  async endOfStreams(layer: string): Promise<void> {
    const ending = [...this.#streams].flatMap(([stream, layers]) =>
      layers.includes(layer) && (stream.destroyed || stream.readableEnded)
        ? [new Promise((resolve) => stream.once('close', resolve))]
        : [],
    );
    await Promise.all(ending);
  }

  /** Begin nothing any more, and wait for what is under way. */
  async end(): Promise<void> {
    this.#closed = true;
    const closed = [...this.#streams.keys()].map(
      (stream) => new Promise((resolve) => stream.once('close', resolve).destroy()),
    );
    await Promise.all(closed);
    await Promise.allSettled(this.#running);
  }
}
