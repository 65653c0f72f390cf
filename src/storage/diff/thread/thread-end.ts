// The end of a ring in the thread that works on files. It blocks this thread while it waits for its owner.

import type { Checkpoint } from '../tree/options.ts';
import { CAPACITY, type Ring } from './ring.ts';

/** The most bytes that are read at once. Meanwhile the owner can write others. */
const PART = CAPACITY / 16;
/** The thread wakes a waiting owner when this many bytes are ready, or when it has to wait itself. */
const WAKE_AT = CAPACITY / 4;

/** A thread's end of a ring. */
export class ThreadEnd {
  readonly #ring: Ring;
  readonly #wakeOwner: () => void;
  /** Bytes of the ring that the reader still uses. */
  #lent = 0;

  /** @param wakeOwner sends the message for which the owner waits */
  constructor(ring: Ring, wakeOwner: () => void) {
    this.#ring = ring;
    this.#wakeOwner = wakeOwner;
  }

  /** Throws if the owner has cancelled the work. */
  readonly checkpoint: Checkpoint = () => {
    if (this.#ring.isCancelled) throw new Error('cancelled');
  };

  /** The next bytes of the owner, valid until the next call; `undefined` at their end. */
  readonly pull = (): Buffer | undefined => {
    this.#ring.skip(this.#lent);
    this.#lent = 0;
    if (this.#ring.room >= WAKE_AT) this.#wake();
    this.#wait(() => this.#ring.filled > 0 || this.#ring.hasEnded);
    const bytes = this.#ring.readable(PART);
    this.#lent = bytes.length;
    return bytes.length === 0 ? undefined : bytes;
  };

  /** Lets `write` write at most `most` bytes for the owner. @returns how many bytes it wrote */
  readonly fill = (most: number, write: (into: Buffer) => number): number => {
    this.#wait(() => this.#ring.room >= Math.min(most, PART));
    const length = write(this.#ring.writable(most));
    this.#ring.add(length);
    if (this.#ring.filled >= WAKE_AT) this.#wake();
    return length;
  };

  #wake(): void {
    if (this.#ring.takeRequest()) this.#wakeOwner();
  }

  #wait(ready: () => boolean): void {
    for (;;) {
      const { changes } = this.#ring;
      this.checkpoint();
      if (ready()) return;
      this.#wake();
      this.#ring.awaitChange(changes);
    }
  }
}
