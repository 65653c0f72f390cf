// Packs a layer as a tar: added and modified files, and whiteouts for deleted ones.

import { Readable } from 'node:stream';
import { END, encodeEntry } from '../tar/write.ts';
import { isSocket } from '../tree/compare.ts';
import { DiffError } from '../tree/errors.ts';
import { type FoundChange, findChanges, openTrees, type Trees } from '../tree/find-changes.ts';
import { checkTrees, type PackOptions } from '../tree/options.ts';
import { nameOf, parentOf } from '../tree/paths.ts';
import { contentOf } from './pack-content.ts';
import { entryOf, whiteoutOf } from './pack-entry.ts';

/** The bytes of one entry. */
async function* packChange(
  { upper, lower }: Trees,
  { path, kind, linkTo }: FoundChange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  if (kind === 'deleted') {
    yield encodeEntry(whiteoutOf(path));
    return;
  }
  // Opened anew for each change: the path must still exist and contain no symbolic link.
  using directory = upper.below(parentOf(path).slice(1));
  const stats = await directory.look(nameOf(path));
  if (stats === undefined) {
    throw new DiffError({
      code: 'ERR_DIFF_CHANGED',
      entry: path,
      problem: 'it was deleted during the read',
    });
  }
  if (isSocket(stats)) {
    // A tar cannot store a socket. The file that it replaced is deleted all the same.
    if (kind === 'modified') yield encodeEntry(whiteoutOf(path));
    return;
  }
  const entry = await entryOf({ path, stats, directory, lower, linkTo });
  yield encodeEntry(entry);
  if (entry.type !== 'file' || entry.size === 0n) return;
  yield* contentOf({ path, at: directory.at(nameOf(path)), stats, signal });
}

async function* pack(
  upper: string,
  lower: string | undefined,
  { signal, snapshotTime, onProgress }: PackOptions,
): AsyncGenerator<Buffer> {
  using trees = await openTrees(upper, lower);
  let [entries, bytes] = [0, 0n];
  for (const change of await findChanges(trees, { signal, snapshotTime })) {
    signal?.throwIfAborted();
    for await (const chunk of packChange(trees, change, signal)) {
      bytes += BigInt(chunk.length);
      yield chunk;
    }
    entries++;
    onProgress?.({ entries, bytes });
  }
  yield END;
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
