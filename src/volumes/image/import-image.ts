// Writes an image to the device of a new volume.

import { open } from 'node:fs/promises';
import type { CallOptions } from '../../dm/device/options.ts';
import type { Bytes } from '../../dm/text/units.ts';
import { VolumeError } from '../config/errors.ts';
import type { VolumeProgress } from '../config/options.ts';
import type { Image } from './read-image.ts';
import { writeFully } from './whole.ts';

/** A large data block is written in parts of this size. */
const PART_MAX = 2 ** 20;

/** The device that gets an image. */
export interface ImportTarget extends CallOptions {
  /** The volume, for errors. */
  readonly subject: string;
  /** The path of its device, which reads as zero. */
  readonly path: string;
  readonly size: Bytes;
  /** Bytes of a data block of the pool. */
  readonly blockBytes: Bytes;
  readonly onProgress?: VolumeProgress | undefined;
}

/**
 * Writes an image durably. Blocks of zeros are not written.
 * @throws VolumeError ERR_VOLUME_SIZE for a stream that is longer than the volume
 */
export async function importImage(
  image: Image,
  { subject, path, size, blockBytes, onProgress, signal }: ImportTarget,
): Promise<void> {
  await using device = await open(path, 'r+');
  const total = image.size ?? size;
  const partBytes = Math.min(Number(blockBytes), PART_MAX);
  for await (const { position, bytes, isZero } of image.parts(partBytes)) {
    signal?.throwIfAborted();
    const end = BigInt(position + bytes.length);
    if (end > size) {
      throw new VolumeError({
        code: 'ERR_VOLUME_SIZE',
        subject,
        problem: `the image is larger than the volume of ${size} bytes`,
        hint: 'Import it with a larger size',
      });
    }
    if (!isZero) await writeFully(device, bytes, position);
    onProgress?.(end, total);
  }
  await device.sync();
  onProgress?.(total, total);
}
