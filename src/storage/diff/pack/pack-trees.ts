// Packs a layer as a tar: added and modified files, and whiteouts for deleted ones.

import { END, encodeEntry } from '../tar/write.ts';
import { isSocket } from '../tree/compare.ts';
import { DiffError } from '../tree/errors.ts';
import { type FoundChange, findChanges, openTrees, type Trees } from '../tree/find-changes.ts';
import {
  type Checkpoint,
  type Comparison,
  type DiffProgress,
  UNSTOPPABLE,
} from '../tree/options.ts';
import { nameOf, parentOf } from '../tree/paths.ts';
import { put, putContent, type Sink } from './pack-content.ts';
import { entryOf, whiteoutOf } from './pack-entry.ts';

/** Writes one entry. */
function putChange(
  sink: Sink,
  { upper, lower }: Trees,
  { path, kind, linkTo }: FoundChange,
  checkpoint: Checkpoint,
): void {
  if (kind === 'deleted') {
    put(sink, encodeEntry(whiteoutOf(path)));
    return;
  }
  // Opened anew for each change: the path must still exist and contain no symbolic link.
  using directory = upper.below(parentOf(path).slice(1));
  const stats = directory.look(nameOf(path));
  if (stats === undefined) {
    const problem = 'it was deleted during the read';
    throw new DiffError({ code: 'ERR_DIFF_CHANGED', entry: path, problem });
  }
  if (isSocket(stats)) {
    // A tar cannot store a socket. The file that it replaced is deleted all the same.
    if (kind === 'modified') put(sink, encodeEntry(whiteoutOf(path)));
    return;
  }
  const entry = entryOf({ path, stats, directory, lower, linkTo });
  put(sink, encodeEntry(entry));
  if (entry.type !== 'file' || entry.size === 0n) return;
  putContent(sink, { path, at: directory.at(nameOf(path)), stats }, checkpoint);
}

/** How trees are packed. */
export interface PackTreesOptions extends Comparison {
  /** Called after each entry. */
  readonly onEntry?: (progress: DiffProgress) => void;
}

/** Writes the changes from the tree `lower` to the tree `upper` as a tar. @throws DiffError */
export function packTrees(
  sink: Sink,
  [upper, lower]: readonly [upper: string, lower: string | undefined],
  { onEntry, ...comparison }: PackTreesOptions,
): void {
  const { checkpoint = UNSTOPPABLE } = comparison;
  using trees = openTrees(upper, lower);
  let [entries, bytes] = [0, 0n];
  const counted: Sink = {
    fill: (most, write) => {
      const length = sink.fill(most, write);
      bytes += BigInt(length);
      return length;
    },
  };
  for (const change of findChanges(trees, comparison)) {
    checkpoint();
    putChange(counted, trees, change, checkpoint);
    entries++;
    onEntry?.({ entries, bytes });
  }
  put(sink, END);
}
