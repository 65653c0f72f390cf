// Unpacks a layer's tar into a directory that has the content of the layer below.

import type { Readable } from 'node:stream';
import { checkFields, isPath, isReadable } from '../../ioctl/input/checks.ts';
import { onAbort } from '../../ioctl/input/on-abort.ts';
import type { AppliedDiff } from './apply/unpack-tar.ts';
import { startWork, type Work } from './thread/work.ts';
import { DIFF, type DiffOptions } from './tree/options.ts';

/** Passes a stream on to the work that unpacks it. */
async function feed(work: Work<'apply'>, tar: Readable): Promise<void> {
  for await (const chunk of tar) {
    if (!(await work.ring.write(Buffer.from(chunk)))) return;
  }
  work.ring.end();
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
    await using work = await startWork({ kind: 'apply', target }, options);
    // After an error of the work, the stream may never send another chunk.
    const over = work.over.then(() => tar.destroy());
    await Promise.race([over, feed(work, tar)]);
    return await work.result();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    stopListening();
    tar.destroy();
  }
}
