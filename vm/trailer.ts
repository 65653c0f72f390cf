/**
 * The bytes after a command's last output byte. The control characters distinguish the trailer from text that contains
 * the word. They differ from each other, so the start of a trailer at the end of the output is not mistaken for it.
 */
export function trailerBytes(word: string): Buffer {
  return Buffer.from(`\0${word}\x01`, 'latin1');
}

/** Finds the trailer in a stream of chunks. */
export interface TrailerFinder {
  /** Adds a chunk. Returns the bytes that certainly precede the trailer, including those held back. */
  push(chunk: Buffer): Buffer;
  /** Whether the trailer has been found. Bytes after it are dropped. */
  readonly found: boolean;
  /** The bytes that are held back because they may start the trailer. */
  readonly held: Buffer;
}

/** Creates a finder of `trailer`. It holds back only bytes that may start the trailer. */
export function trailerFinder(trailer: Buffer): TrailerFinder {
  let held: Buffer = Buffer.alloc(0);
  let found = false;
  return {
    get found() {
      return found;
    },
    get held() {
      return held;
    },
    push(chunk) {
      if (found) return Buffer.alloc(0);
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const at = bytes.indexOf(trailer);
      found = at >= 0;
      const end = found ? at : bytes.length - startedAtEnd(bytes, trailer);
      held = found ? Buffer.alloc(0) : bytes.subarray(end);
      return bytes.subarray(0, end);
    },
  };
}

/** Number of bytes at the end that equal the start of the trailer. */
function startedAtEnd(bytes: Buffer, trailer: Buffer): number {
  for (let n = Math.min(bytes.length, trailer.length - 1); n > 0; n -= 1)
    if (bytes.subarray(bytes.length - n).equals(trailer.subarray(0, n))) return n;
  return 0;
}
