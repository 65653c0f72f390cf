// Packs a layer as a tar that is read as a stream.

import { Readable } from 'node:stream';
import { startWork } from './thread/work.ts';
import { checkTrees, type PackOptions } from './tree/options.ts';

async function* pack(
  upper: string,
  lower: string | undefined,
  options: PackOptions,
): AsyncGenerator<Buffer> {
  const { snapshotTime } = options;
  await using work = await startWork({ kind: 'pack', upper, lower, snapshotTime }, options);
  for (;;) {
    const bytes = await work.ring.read();
    if (bytes === undefined) break;
    yield bytes;
  }
  await work.result();
}

/** The read-ahead of the stream, in bytes. */
const AHEAD = 1024 * 1024;

/**
 * The changes from the tree `lower` to the tree `upper` as a tar that Docker and OCI tools unpack; without `lower`, all
 * of `upper`. Nothing is read before the stream is read. It fails with Node's own errors, a SyscallError, or a
 * `DiffError`: ERR_DIFF_FILE for a file that a tar cannot store, ERR_DIFF_CHANGED for a file that changes during the
 * read.
 */
export function packDiff(upper: string, lower?: string, options: PackOptions = {}): Readable {
  checkTrees(upper, lower, options);
  return Readable.from(pack(upper, lower, options), { objectMode: false, highWaterMark: AHEAD });
}
