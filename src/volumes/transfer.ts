// Import of an image into a new volume, and export of a volume.

import type { Writable } from 'node:stream';
import { type Bytes, SECTOR } from '../dm/text/units.ts';
import { InputError } from '../dm/wire/errors.ts';
import { attempt, withCleanup } from '../ioctl/input/attempt.ts';
import { isErrno } from '../ioctl/libc/errno.ts';
import { PoolError } from '../thin/live/errors.ts';
import type { ThinPool } from '../thin/pool/pool.ts';
import type { ExportVolumeOptions, ImportVolumeOptions } from './config/options.ts';
import type { VolumeRecord } from './directory/record.ts';
import { type ExportSource, exportToFile, exportToStream } from './image/export-image.ts';
import type { ImageSource } from './image/image-source.ts';
import { importImage } from './image/import-image.ts';
import { openImage } from './image/read-image.ts';
import { createSpare, createWithRecord } from './new-thin.ts';
import { rangesOf } from './ranges.ts';
import { deleteSpare, deviceNameOf, RELEASE_MS, type VolumeState } from './recover.ts';
import { wholeSize } from './sizes.ts';
import { snapshotVolume } from './snapshot-of.ts';

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
      () =>
        whileNotFull(pool, () => importImage(image, { subject: `volume "${name}"`, ...target })),
      () => pool.deactivateThin(id, { timeoutMs: RELEASE_MS }),
    );
  };
  await createWithRecord(state, name, { size, make });
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
  from: { readonly name: string; readonly record: VolumeRecord },
  target: string | Writable,
  { onProgress, overwrite = false, signal }: ExportVolumeOptions,
): Promise<void> {
  const { pool } = state;
  const { size } = from.record;
  const id = await createSpare(state, (spare) => snapshotVolume(state, spare, from, { signal }));
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
        ? exportToFile(source, target, overwrite)
        : exportToStream(source, target));
    },
    () => deleteSpare(state, id),
  );
}

/** Runs a task that writes to the pool. An I/O error of a full pool says so. @throws PoolError ERR_POOL_FULL */
async function whileNotFull(pool: ThinPool, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!isErrno(error, 'EIO', 'ENOSPC')) throw error;
    const status = await attempt(() => pool.status());
    if (status?.state !== 'working' || status.data.used < status.data.total) throw error;
    throw new PoolError({
      code: 'ERR_POOL_FULL',
      pool: pool.name,
      problem: 'it has no free data block for the image',
      hint: 'Grow the pool, or delete a volume',
      cause: error,
    });
  }
}
