// Works on many items in pieces. Between two pieces the event loop takes a turn, so that the process does other work.

import { setImmediate } from 'node:timers/promises';

/** The number of items of a piece: sorting them takes a few milliseconds. */
export const PIECE = 2048;

/** Yields the items in pieces. @throws the signal's reason */
export async function* inPieces<T>(
  items: readonly T[],
  signal?: AbortSignal,
): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < items.length; at += PIECE) {
    if (at > 0) await setImmediate();
    signal?.throwIfAborted();
    yield items.slice(at, at + PIECE);
  }
}

/** Returns a negative number if `a` comes first, a positive one if `b` does. */
type Order<T> = (a: T, b: T) => number;

/** Merges two sorted lists. Of equal items, that of `a` comes first. */
async function merged<T>(
  a: readonly T[],
  b: readonly T[],
  order: Order<T>,
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const both: T[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    both.push(order(a[i]!, b[j]!) <= 0 ? a[i++]! : b[j++]!);
    if (both.length % PIECE > 0) continue;
    await setImmediate();
    signal?.throwIfAborted();
  }
  return both.concat(a.slice(i), b.slice(j));
}

/** The items in order, as `toSorted` returns them: sorts each piece, and merges the pieces two by two. */
export async function sortedInPieces<T>(
  items: readonly T[],
  order: Order<T>,
  signal?: AbortSignal,
): Promise<T[]> {
  let runs: T[][] = [];
  for await (const piece of inPieces(items, signal)) runs.push(piece.toSorted(order));
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      longer.push(await merged(runs[i]!, runs[i + 1] ?? [], order, signal));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}
