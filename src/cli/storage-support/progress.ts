// Shows a byte count on a terminal.

import { formatSize } from '../../dm/text/size.ts';
import type { Io } from '../support/io.ts';

const EVERY_MS = 100;

/** Passes the chunks through. On a terminal it prints `verb` and the number of bytes so far on stderr. */
export async function* counted(
  { stderr }: Io,
  verb: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const shows = stderr.isTTY ?? false;
  let bytes = 0n;
  let reported = Number.NEGATIVE_INFINITY;
  const tell = (end: string): void => {
    if (shows) stderr.write(`\r${verb} ${formatSize(bytes)}${end}`);
    reported = performance.now();
  };
  try {
    for await (const chunk of chunks) {
      bytes += BigInt(chunk.length);
      yield chunk;
      if (performance.now() - reported >= EVERY_MS) tell('');
    }
  } finally {
    tell('\n');
  }
}
