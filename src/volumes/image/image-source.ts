// The source of an image: a path, or bytes in order.

import { addAbortSignal, Readable } from 'node:stream';
import { InputError } from '../../dm/wire/errors.ts';
import { isPath } from '../../ioctl/input/checks.ts';

/** A raw image: the path of a file or a block device, or its bytes in order. */
export type ImageSource = string | AsyncIterable<Uint8Array>;

/** What a source must be. */
export const EXPECTED_SOURCE =
  'the path of a file or a block device, or an async iterable of bytes';

/** Checks a source. @throws InputError */
export function checkSource(source: ImageSource): void {
  if (typeof source === 'string') isPath(source, 'source');
  else if (typeof source?.[Symbol.asyncIterator] !== 'function')
    throw new InputError({ field: 'source', expected: EXPECTED_SOURCE, received: source });
}

/** A source that is destroyed when it is disposed of. */
export interface HeldSource extends AsyncDisposable {
  readonly source: ImageSource;
}

/** Holds a source during a call: an error of a stream reaches its reader only, and an abort ends a stream that waits. */
export function holdSource(source: ImageSource, signal: AbortSignal | undefined): HeldSource {
  if (typeof source === 'string') return { source, [Symbol.asyncDispose]: async () => undefined };
  const stream = source instanceof Readable ? source : Readable.from(source);
  const ignore = (): void => undefined;
  stream.on('error', ignore);
  if (signal) addAbortSignal(signal, stream);
  return {
    source: stream,
    [Symbol.asyncDispose]: async () => {
      stream.destroy();
    },
  };
}
