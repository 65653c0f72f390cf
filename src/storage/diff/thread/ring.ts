// A ring of bytes in memory that two threads share: one thread writes, the other one reads. One of them works on files and
// waits in place (thread-end.ts). The other one, its owner, waits for a message (owner-end.ts).

/** The memory of a ring. It can be sent to another thread. */
export interface RingMemory {
  /** The constants below are indexes into it. */
  readonly state: Int32Array;
  readonly bytes: Uint8Array;
}

/** The bytes that were written, modulo 2^32. */
const WRITTEN = 0;
/** The bytes that were read, modulo 2^32. */
const READ = 1;
/** Increases with each change that the owner makes. */
const CHANGES = 2;
/** 1 if the owner has written its last bytes. */
const ENDED = 3;
/** 1 if the owner has cancelled the work. */
const CANCELLED = 4;
/** 1 while the owner waits for a message. */
const OWNER_WAITS = 5;
const STATE_LENGTH = 6;

/** The size of a ring: a power of two, because the counters overflow. */
export const CAPACITY: number = 2 ** 20;

/** The memory of an empty ring. */
export const ringMemory = (): RingMemory => ({
  state: new Int32Array(new SharedArrayBuffer(STATE_LENGTH * Int32Array.BYTES_PER_ELEMENT)),
  bytes: new Uint8Array(new SharedArrayBuffer(CAPACITY)),
});

/** A ring of bytes, as each of its threads sees it. */
export class Ring {
  readonly #state: Int32Array;
  readonly #bytes: Uint8Array;

  constructor({ state, bytes }: RingMemory) {
    this.#state = state;
    this.#bytes = bytes;
  }

  /** How many bytes can be read. */
  get filled(): number {
    return (Atomics.load(this.#state, WRITTEN) - Atomics.load(this.#state, READ)) | 0;
  }

  /** How many bytes can be written. */
  get room(): number {
    return CAPACITY - this.filled;
  }

  /** The next bytes to read, at most `most`; empty if there are none. They are valid until `skip`. */
  readable(most: number): Buffer {
    return this.#part(READ, Math.min(most, this.filled));
  }

  /** Memory for the next bytes to write, at most `most`; empty if the ring is full. */
  writable(most: number): Buffer {
    return this.#part(WRITTEN, Math.min(most, this.room));
  }

  /** Makes room for as many bytes as were read. */
  skip(length: number): void {
    Atomics.add(this.#state, READ, length);
  }

  /** Makes as many bytes readable as were written. */
  add(length: number): void {
    Atomics.add(this.#state, WRITTEN, length);
  }

  /** Whether the owner has written its last bytes. */
  get hasEnded(): boolean {
    return Atomics.load(this.#state, ENDED) === 1;
  }

  /** Marks the bytes of the owner as complete. */
  end(): void {
    Atomics.store(this.#state, ENDED, 1);
  }

  /** Whether the owner has cancelled the work. */
  get isCancelled(): boolean {
    return Atomics.load(this.#state, CANCELLED) === 1;
  }

  /** Cancels the work. */
  cancel(): void {
    Atomics.store(this.#state, CANCELLED, 1);
  }

  /** The number of changes that the owner has told of. */
  get changes(): number {
    return Atomics.load(this.#state, CHANGES);
  }

  /** Wakes the thread: the owner has changed the ring. */
  tellChange(): void {
    Atomics.add(this.#state, CHANGES, 1);
    Atomics.notify(this.#state, CHANGES);
  }

  /** Blocks this thread until the owner has told of a change after `seen`. */
  awaitChange(seen: number): void {
    Atomics.wait(this.#state, CHANGES, seen);
  }

  /** Asks the thread for a message. */
  askForMessage(): void {
    Atomics.store(this.#state, OWNER_WAITS, 1);
  }

  /** Whether the owner has asked for a message. The answer is `true` once. */
  takeRequest(): boolean {
    return Atomics.exchange(this.#state, OWNER_WAITS, 0) === 1;
  }

  /** At most `length` bytes from the place of a counter, up to the end of the memory. */
  #part(counter: number, length: number): Buffer {
    const start = Atomics.load(this.#state, counter) & (CAPACITY - 1);
    const { buffer, byteOffset } = this.#bytes;
    return Buffer.from(buffer, byteOffset + start, Math.min(length, CAPACITY - start));
  }
}
