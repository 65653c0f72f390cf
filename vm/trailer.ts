/**
 * The bytes that follow a command's last output byte. The control characters keep it apart from text that shows the
 * word; as they differ, no output can end with what the trailer begins with and so be mistaken for it.
 */
export function trailerBytes(word: string): Buffer {
  return Buffer.from(`\0${word}\x01`, 'latin1');
}

/** Finds the trailer in a stream that comes in chunks. */
export interface TrailerFinder {
  /** The bytes that are certainly in front of the trailer, of this chunk and what was held back. */
  push(chunk: Buffer): Buffer;
  /** Whether the trailer has come; what follows it is dropped. */
  readonly found: boolean;
  /** What is held back because it might begin the trailer. */
  readonly held: Buffer;
}

/** Makes a finder of `trailer`, which holds back only bytes that the trailer could begin with. */
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

/** How many of the last bytes are the first ones of the trailer. */
function startedAtEnd(bytes: Buffer, trailer: Buffer): number {
  for (let n = Math.min(bytes.length, trailer.length - 1); n > 0; n -= 1)
    if (bytes.subarray(bytes.length - n).equals(trailer.subarray(0, n))) return n;
  return 0;
}
