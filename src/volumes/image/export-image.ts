// Writes the data of a volume to a sparse file, or all of its bytes to a stream.

import { randomInt } from 'node:crypto';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CallOptions } from '../../dm/device/options.ts';
import type { Bytes } from '../../dm/text/units.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { isErrno } from '../../ioctl/libc/errno.ts';
import type { VolumeProgress } from '../config/options.ts';
import { existing } from './export-target.ts';
import { readFully, writeFully } from './whole.ts';

const PART = 2 ** 20;
const SUFFIX_MAX = 2 ** 40;

/** A range of bytes. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/** What is exported. */
export interface ExportSource extends CallOptions {
  /** The path of a device whose content does not change. */
  readonly path: string;
  readonly size: Bytes;
  /** The ranges with data, in ascending order. Everything else is zero. */
  readonly ranges: readonly ByteRange[];
  readonly onProgress?: VolumeProgress | undefined;
}

/**
 * Writes a sparse file, durably. The file has its name only when it is complete.
 * @throws VolumeError ERR_VOLUME_TARGET when the file has come to exist and `overwrite` is not set; Node's own errors
 */
export async function exportToFile(
  source: ExportSource,
  target: string,
  overwrite: boolean,
): Promise<void> {
  const directory = dirname(target);
  const temporary = join(directory, `.dmts-export-${randomInt(SUFFIX_MAX)}`);
  try {
    {
      await using device = await open(source.path, 'r');
      await using file = await open(temporary, 'wx', 0o600);
      await file.truncate(Number(source.size));
      for await (const { position, bytes } of dataOf(device, source)) {
        await writeFully(file, bytes, position);
      }
      await file.sync();
    }
    await (overwrite ? rename(temporary, target) : nameNew(temporary, target));
  } catch (error) {
    await attempt(() => unlink(temporary));
    throw error;
  }
  await using parent = await open(directory, 'r');
  await parent.sync();
}

/** Gives a file a name that no file has. @throws VolumeError ERR_VOLUME_TARGET */
async function nameNew(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) throw existing(target);
    // The filesystem has no hard links.
    if (!isErrno(error, 'EPERM', 'ENOTSUP', 'EMLINK')) throw error;
    return rename(temporary, target);
  }
  await unlink(temporary);
}

/** Writes all bytes to a stream, and ends it. */
export async function exportToStream(source: ExportSource, target: Writable): Promise<void> {
  await using device = await open(source.path, 'r');
  const { signal } = source;
  await pipeline(Readable.from(bytesOf(device, source)), target, signal ? { signal } : {});
}

/** All bytes of the source. */
async function* bytesOf(device: FileHandle, source: ExportSource): AsyncGenerator<Buffer, void> {
  const zeros = Buffer.alloc(PART);
  let done = 0;
  const zerosUpTo = function* (end: number): Generator<Buffer> {
    for (; done < end; done += PART) yield zeros.subarray(0, Math.min(PART, end - done));
    done = end;
  };
  for await (const { position, bytes } of dataOf(device, source)) {
    yield* zerosUpTo(position);
    // The reader may keep the bytes.
    yield Buffer.from(bytes);
    done = position + bytes.length;
  }
  yield* zerosUpTo(Number(source.size));
}

/** The data of the source in parts, each valid until the next one is read. */
async function* dataOf(
  device: FileHandle,
  { ranges, onProgress, signal }: ExportSource,
): AsyncGenerator<{ readonly position: number; readonly bytes: Buffer }, void> {
  const buffer = Buffer.alloc(PART);
  const total = BigInt(ranges.reduce((sum, { length }) => sum + length, 0));
  let done = 0n;
  for (const { start, length } of ranges) {
    for (let at = 0; at < length; ) {
      signal?.throwIfAborted();
      const position = start + at;
      const bytes = buffer.subarray(0, Math.min(PART, length - at));
      await readFully(device, bytes, position);
      yield { position, bytes };
      at += bytes.length;
      done += BigInt(bytes.length);
      onProgress?.(done, total);
    }
  }
  if (ranges.length === 0) onProgress?.(0n, 0n);
}
