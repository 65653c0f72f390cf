// The end of a ring in the thread that works on files. It blocks this thread while it waits for its owner.

import type { Checkpoint } from '../tree/options.ts';
import {
  add,
  CANCELLED,
  CAPACITY,
  CHANGES,
  ENDED,
  filled,
  OWNER_WAITS,
  type Ring,
  readable,
  room,
  skip,
  writable,
} from './ring.ts';

/** The most bytes that are read at once. Meanwhile the owner can write others. */
const PART = CAPACITY / 16;
/** The thread wakes a waiting owner when this many bytes are ready, or when it has to wait itself. */
const WAKE_AT = CAPACITY / 4;

/** The owner does not want the work any more. */
class CancelledError extends Error {}

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

  /** Throws if the owner does not want the work any more. */
  readonly checkpoint: Checkpoint = () => {
    if (Atomics.load(this.#ring.state, CANCELLED) === 1) throw new CancelledError('cancelled');
  };

  /** The next bytes of the owner, valid until the next call; `undefined` at their end. */
  readonly pull = (): Buffer | undefined => {
    skip(this.#ring, this.#lent);
    this.#lent = 0;
    if (room(this.#ring) >= WAKE_AT) this.#wake();
    this.#wait(() => filled(this.#ring) > 0 || Atomics.load(this.#ring.state, ENDED) === 1);
    const bytes = readable(this.#ring, PART);
    this.#lent = bytes.length;
    return bytes.length === 0 ? undefined : bytes;
  };

  /** Lets `write` write at most `most` bytes for the owner. @returns how many bytes it wrote */
  readonly fill = (most: number, write: (into: Buffer) => number): number => {
    this.#wait(() => room(this.#ring) >= Math.min(most, PART));
    const length = write(writable(this.#ring, most));
    add(this.#ring, length);
    if (filled(this.#ring) >= WAKE_AT) this.#wake();
    return length;
  };

  #wake(): void {
    if (Atomics.exchange(this.#ring.state, OWNER_WAITS, 0) === 1) this.#wakeOwner();
  }

  #wait(ready: () => boolean): void {
    for (;;) {
      const changes = Atomics.load(this.#ring.state, CHANGES);
      this.checkpoint();
      if (ready()) return;
      this.#wake();
      Atomics.wait(this.#ring.state, CHANGES, changes);
    }
  }
}
