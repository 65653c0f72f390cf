// The owner's end of a ring. It never blocks: it waits for a message of the thread.

import type { Ring } from './ring.ts';

/** How many bytes are read at once. */
const PART = 256 * 1024;

/** An owner's end of a ring. */
export class OwnerEnd {
  readonly #ring: Ring;
  readonly #awaited: <T>(promise: Promise<T>) => Promise<T>;
  #over = false;
  #wake: (() => void) | undefined;

  /** @param awaited keeps the process alive until the thread has sent its message */
  constructor(ring: Ring, awaited: <T>(promise: Promise<T>) => Promise<T>) {
    this.#ring = ring;
    this.#awaited = awaited;
  }

  /** The thread has sent its message. */
  woken(): void {
    this.#wake?.();
  }

  /** The thread has stopped. */
  over(): void {
    this.#over = true;
    this.#wake?.();
  }

  /** Writes bytes as the thread makes room for them. @returns `false` if the thread has stopped */
  async write(bytes: Uint8Array): Promise<boolean> {
    for (let rest = bytes; rest.length > 0; ) {
      await this.#until(() => this.#ring.room > 0);
      if (this.#over) return false;
      const into = this.#ring.writable(rest.length);
      into.set(rest.subarray(0, into.length));
      this.#ring.add(into.length);
      this.#ring.tellChange();
      rest = rest.subarray(into.length);
    }
    return true;
  }

  /** Tells the thread that no bytes follow. */
  end(): void {
    this.#ring.end();
    this.#ring.tellChange();
  }

  /** A copy of the next bytes; `undefined` if the thread has stopped and there are none. */
  async read(): Promise<Buffer | undefined> {
    await this.#until(() => this.#ring.filled > 0);
    const bytes = Buffer.from(this.#ring.readable(PART));
    this.#ring.skip(bytes.length);
    this.#ring.tellChange();
    return bytes.length === 0 ? undefined : bytes;
  }

  /** Makes the thread end its work as soon as possible. */
  cancel(): void {
    this.#ring.cancel();
    this.#ring.tellChange();
  }

  async #until(ready: () => boolean): Promise<void> {
    while (!ready() && !this.#over) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#ring.askForMessage();
      // The thread may have changed the ring before it could see that this end waits. A message that it sends now is ignored.
      if (ready()) return;
      await this.#awaited(woken);
    }
  }
}
