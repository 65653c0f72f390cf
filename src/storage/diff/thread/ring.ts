// A ring of bytes in memory that two threads share: one thread writes, the other one reads. One of them works on files and
// waits in place (thread-end.ts). The other one, its owner, waits for a message (owner-end.ts).

/** A ring of bytes. It can be sent to another thread. */
export interface Ring {
  /** The constants below are indexes into it. */
  readonly state: Int32Array;
  readonly bytes: Uint8Array;
}

/** Index into `state`: the bytes that were written, modulo 2^32. */
const WRITTEN = 0;
/** Index into `state`: the bytes that were read, modulo 2^32. */
const READ = 1;
/** Index into `state`: increases with each change that the owner makes. */
export const CHANGES = 2;
/** Index into `state`: 1 if the owner has written its last bytes. */
export const ENDED = 3;
/** Index into `state`: 1 if the owner does not want the work any more. */
export const CANCELLED = 4;
/** Index into `state`: 1 while the owner waits for a message. */
export const OWNER_WAITS = 5;
const STATE_LENGTH = 6;

/** The size of a ring: a power of two, because the counters overflow. */
export const CAPACITY: number = 2 ** 20;

/** An empty ring. */
export const makeRing = (): Ring => ({
  state: new Int32Array(new SharedArrayBuffer(STATE_LENGTH * Int32Array.BYTES_PER_ELEMENT)),
  bytes: new Uint8Array(new SharedArrayBuffer(CAPACITY)),
});

/** How many bytes can be read. */
export const filled = ({ state }: Ring): number =>
  (Atomics.load(state, WRITTEN) - Atomics.load(state, READ)) | 0;

/** How many bytes can be written. */
export const room = (ring: Ring): number => CAPACITY - filled(ring);

/** The next `most` bytes, or fewer, from a counter's place to the end of the memory. */
function part({ state, bytes }: Ring, counter: number, most: number): Buffer {
  const start = Atomics.load(state, counter) & (CAPACITY - 1);
  const length = Math.min(most, CAPACITY - start);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length);
}

/** The next bytes to read, at most `most`; empty if there are none. They are valid until `skip`. */
export const readable = (ring: Ring, most: number): Buffer =>
  part(ring, READ, Math.min(most, filled(ring)));

/** Memory for the next bytes to write, at most `most`; empty if the ring is full. */
export const writable = (ring: Ring, most: number): Buffer =>
  part(ring, WRITTEN, Math.min(most, room(ring)));

/** Makes room for as many bytes as were read. */
export const skip = ({ state }: Ring, length: number): void => {
  Atomics.add(state, READ, length);
};

/** Makes as many bytes readable as were written. */
export const add = ({ state }: Ring, length: number): void => {
  Atomics.add(state, WRITTEN, length);
};
