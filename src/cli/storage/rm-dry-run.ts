// The dry run of `rm`. It uses a view: opening the storage would repair the traces of a crash, and so write.

import { formatSize } from '../../dm/text/size.ts';
import { parseStorageOptions } from '../../storage/config/options.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withView } from './with-storage.ts';
import type { StoragePlace } from './words.ts';

/** Prints what `rm` would do. */
export async function tellRemoval(
  io: Io,
  place: StoragePlace,
  id: string,
  { json }: JsonOption,
): Promise<void> {
  const { deferredDeletion } = parseStorageOptions(place.storageOptions);
  const { deviceId, size, mounts } = await withView(io, place, async (view) => view.layer(id));
  const mounted = mounts > 0;
  if (json) return printJson(io, { dryRun: true, id, deviceId, size, mounted });
  const then = deferredDeletion
    ? 'it would be deleted after its last holder closes it'
    : 'this would fail';
  io.stdout.write(
    `would remove layer ${id}, thin device ${deviceId} of ${formatSize(size)}${mounted ? `; it is mounted: ${then}` : ''}\n`,
  );
}
