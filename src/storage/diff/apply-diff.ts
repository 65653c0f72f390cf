// Unpacks a layer's tar into a directory that has the content of the layer below.

import type { Readable } from 'node:stream';
import { checkFields, isPath, isReadable } from '../../ioctl/input/checks.ts';
import { onAbort } from '../../ioctl/input/on-abort.ts';
import type { AppliedDiff } from './apply/unpack-tar.ts';
import { startWork, type Work } from './thread/work.ts';
import { DIFF, type DiffOptions } from './tree/options.ts';

/** Passes a stream on to the work that unpacks it. `first` is its first chunk. */
async function feed(
  { ring }: Work<'apply'>,
  first: IteratorResult<unknown>,
  rest: AsyncIterator<unknown>,
): Promise<void> {
  for (let next = first; !next.done; next = await rest.next()) {
    const { value } = next;
    const bytes = value instanceof Uint8Array ? value : Buffer.from(value as string);
    if (!(await ring.write(bytes))) return;
  }
  ring.end();
}

/**
 * Unpacks a layer's tar into the directory `target`, on top of its content: whiteouts, hard links, devices, owners,
 * modes, times and extended attributes. No tar can change anything outside `target` or in a mount below it. After an
 * error or an abort, `target` has a part of the layer.
 * @throws DiffError ERR_DIFF_TAR for a stream that is not a tar or ends too early, ERR_DIFF_ENTRY for an entry that
 * cannot be unpacked, with the system's error as its cause
 */
export async function applyDiff(
  target: string,
  tar: Readable,
  options: DiffOptions = {},
): Promise<AppliedDiff> {
  isPath(target, 'target');
  isReadable(tar, 'tar');
  checkFields(options, DIFF);
  const { signal } = options;
  // The iterator reports errors of the stream. A later error has no reader and is dropped.
  tar.on('error', () => {});
  const stopListening = onAbort(signal, () => void tar.destroy());
  try {
    signal?.throwIfAborted();
    const chunks = tar[Symbol.asyncIterator]();
    // The tar of another diff has its thread by now: many at once would wait for each other.
    const first = await chunks.next();
    await using work = await startWork({ kind: 'apply', target }, options);
    // After an error of the work, the stream may never send another chunk.
    const over = work.over().then(() => tar.destroy());
    await Promise.race([over, feed(work, first, chunks)]);
    return await work.result();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    stopListening();
    tar.destroy();
  }
}
