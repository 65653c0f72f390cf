// The running operations of a storage. Closing waits for them.

import type { Readable } from 'node:stream';
import { StorageError } from '../config/errors.ts';

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
      problem: 'it is closed',
    });
  }

  /**
   * Runs `task`; the storage waits for it before it closes. The parts of a task must not call `run`, which
   * refuses them while the storage closes.
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
   * Registers a stream and the layers that it mounts; the base device below a layer without a parent is `undefined`. Closing
   * the storage destroys the stream.
   * @throws StorageError ERR_STORAGE_CLOSED
   */
  addStream(layers: readonly (string | undefined)[], stream: Readable): Readable {
    this.#refuseIfClosed();
    this.#streams.set(stream, layers);
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  /** Waits until the ended or destroyed streams of a layer have unmounted it. */
  async endOfStreams(layer: string): Promise<void> {
    const ending = [...this.#streams].flatMap(([stream, layers]) =>
      layers.includes(layer) && (stream.destroyed || stream.readableEnded)
        ? [new Promise((resolve) => stream.once('close', resolve))]
        : [],
    );
    await Promise.all(ending);
  }

  /** Refuses new operations, destroys the open streams, and waits for the running operations. */
  async end(): Promise<void> {
    this.#closed = true;
    const closed = [...this.#streams.keys()].map(
      (stream) => new Promise((resolve) => stream.once('close', resolve).destroy()),
    );
    await Promise.all(closed);
    await Promise.allSettled(this.#running);
  }
}
