// The dry run of `rm`. It does not open the storage, because that repairs the traces of a crash and so writes.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatSize } from '../../dm/size.ts';
import { isErrno } from '../../ioctl/errno.ts';
import { StorageError } from '../../storage/errors.ts';
import { layerWords, layoutOf } from '../../storage/layout.ts';
import { mountedLayers } from '../../storage/mounts.ts';
import { parseStorageOptions } from '../../storage/options.ts';
import { type LayerRecord, layerKind, parseRecord } from '../../storage/records.ts';
import type { JsonOption } from '../describe.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json.ts';
import { demandStorage } from './with-storage.ts';
import type { StoragePlace } from './words.ts';

/** Prints what `rm` would do. */
export async function tellRemoval(
  io: Io,
  place: StoragePlace,
  id: string,
  { json }: JsonOption,
): Promise<void> {
  const { deferredDeletion } = parseStorageOptions(place.storageOptions);
  await demandStorage(place);
  const layout = await layoutOf(place.root);
  const { deviceId, size } = await recordOf(layout.metadata, id);
  const mounted = (await mountedLayers(layout)).has(id);
  if (json) return printJson(io, { dryRun: true, id, deviceId, size, mounted });
  const then = deferredDeletion
    ? 'it would be deleted after its last holder closes it'
    : 'this would fail';
  io.stdout.write(
    `would remove layer ${id}, thin device ${deviceId} of ${formatSize(size)}${mounted ? `; it is mounted: ${then}` : ''}\n`,
  );
}

async function recordOf(directory: string, id: string): Promise<LayerRecord> {
  const path = join(directory, id);
  try {
    return parseRecord(layerKind.parse, path, await readFile(path, 'utf8'));
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    throw new StorageError({
      code: 'ERR_LAYER_MISSING',
      subject: layerWords(id),
      problem: 'the layer does not exist',
    });
  }
}
