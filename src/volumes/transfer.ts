// Import of an image into a new volume, and export of a volume.

import type { Writable } from 'node:stream';
import type { CallOptions } from '../dm/device/options.ts';
import { type Bytes, SECTOR } from '../dm/text/units.ts';
import { InputError } from '../dm/wire/errors.ts';
import { withCleanup } from '../ioctl/input/attempt.ts';
import type { ExportVolumeOptions, ImportVolumeOptions } from './config/options.ts';
import type { VolumeRecord } from './directory/record.ts';
import {
  type ByteRange,
  type ExportSource,
  exportToFile,
  exportToStream,
} from './image/export-image.ts';
import { importImage } from './image/import-image.ts';
import { type ImageSource, openImage } from './image/read-image.ts';
import { createSpare, createWithRecord } from './new-thin.ts';
import { deleteSpare, deviceNameOf, RELEASE_MS, type VolumeState } from './recover.ts';
import { wholeSize } from './sizes.ts';

/** Creates a volume with the content of an image. */
export async function importVolume(
  state: VolumeState,
  name: string,
  source: ImageSource,
  { size: wanted, onProgress, signal }: ImportVolumeOptions,
): Promise<void> {
  await using image = await openImage(source);
  const size = sizeFor(image.size, wanted === undefined ? undefined : wholeSize(wanted));
  const { pool } = state;
  const { params } = await pool.table();
  const make = async (id: number): Promise<void> => {
    await pool.createThin(id, { signal });
    const { path } = await pool.activateThin(id, {
      length: size / SECTOR,
      name: deviceNameOf(state, name),
      signal,
    });
    const target = { path, size, blockBytes: params.blockSize * SECTOR, onProgress, signal };
    await withCleanup(
      () => importImage(image, { subject: `volume "${name}"`, ...target }),
      () => pool.deactivateThin(id, { timeoutMs: RELEASE_MS }),
    );
  };
  await createWithRecord(state, name, { size, created: new Date(), make });
}

function sizeFor(image: Bytes | undefined, wanted: Bytes | undefined): Bytes {
  if (image === undefined && wanted === undefined) {
    throw new InputError({
      field: 'size',
      expected: 'the size of the volume: a stream does not tell its own',
      received: wanted,
    });
  }
  if (image === 0n && wanted === undefined) {
    throw new InputError({ field: 'source', expected: 'an image', received: 'an empty file' });
  }
  if (wanted === undefined) return ((image! + SECTOR - 1n) / SECTOR) * SECTOR;
  if (image === undefined || image <= wanted) return wanted;
  throw new InputError({
    field: 'size',
    expected: `at least the ${image} bytes of the image`,
    received: wanted,
  });
}

/** Exports the present content of a volume, which may be in use: a snapshot keeps it during the export. */
export async function exportVolume(
  state: VolumeState,
  { id: origin, size }: VolumeRecord,
  target: string | Writable,
  { onProgress, signal }: ExportVolumeOptions,
): Promise<void> {
  const { pool } = state;
  const id = await createSpare(state, (spare) => pool.createSnap(spare, origin, { signal }));
  await withCleanup(
    async () => {
      const ranges = await rangesOf(state, id, { size, signal });
      const device = await pool.activateThin(id, {
        length: size / SECTOR,
        readOnly: true,
        signal,
      });
      const source: ExportSource = { path: device.path, size, ranges, onProgress, signal };
      await (typeof target === 'string'
        ? exportToFile(source, target)
        : exportToStream(source, target));
    },
    () => deleteSpare(state, id),
  );
}

/** The ranges with data, up to the size of the volume. */
async function rangesOf(
  { pool }: VolumeState,
  id: number,
  { size, signal }: CallOptions & { readonly size: Bytes },
): Promise<readonly ByteRange[]> {
  const { params } = await pool.table();
  const blockBytes = params.blockSize * SECTOR;
  const ranges: ByteRange[] = [];
  for await (const { begin, length } of pool.mapped(id, { signal })) {
    const [start, end] = [begin * blockBytes, (begin + length) * blockBytes];
    const last = end > size ? size : end;
    if (last > start) ranges.push({ start: Number(start), length: Number(last - start) });
  }
  return ranges;
}
