// dmts storage rm

import type { Command } from 'commander';
import { formatSize } from '../../dm/text/size.ts';
import { parseStorageOptions } from '../../storage/config/options.ts';
import { withStorage, withView } from '../storage-support/with-storage.ts';
import { describeStorage, placeOf, type StoragePlace, withId } from '../storage-support/words.ts';
import { CONFIRM, confirm, demandConfirmable } from '../support/confirm.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

interface Options extends JsonOption {
  readonly confirm?: string;
  readonly dryRun?: boolean;
}

/** `dmts storage rm` */
export function define(group: Command, io: Io): void {
  const command = describeStorage(group, {
    name: 'rm',
    details:
      'The command asks for confirmation on a terminal, and requires --confirm ID elsewhere. Child layers keep the blocks that they share with it. A layer in use disappears at once, and the first command after its last holder closes it deletes it; with dm.use_deferred_deletion=false it is busy (exit status 4).',
    examples: [
      'dmts storage --root /srv/layers rm web',
      'dmts storage --root /srv/layers rm web --confirm web',
      'dmts storage --root /srv/layers rm web --dry-run',
    ],
  });
  withId(command)
    .option(...CONFIRM)
    .option('-n, --dry-run', 'only print what would be done')
    .action(async (id: string, options: Options, self: Command) => {
      const place = placeOf(self);
      if (options.dryRun) await tellRemoval(io, place, id, options);
      else await remove(io, place, id, options);
    });
}

/** Prints what `rm` would do. It uses a view: opening the storage would repair the traces of a crash, and so write. */
async function tellRemoval(
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

async function remove(io: Io, place: StoragePlace, id: string, options: Options): Promise<void> {
  const question = {
    name: id,
    given: options.confirm,
    what: `this removes layer "${id}" of ${place.root} and its content`,
    otherwise: 'nothing was removed',
  };
  demandConfirmable(io, question);
  const deferred = await withStorage(io, place, async (storage) => {
    if (!storage.exists(id)) storage.metadata(id);
    await confirm(io, question);
    await storage.remove(id, { signal: io.signal });
    return storage.exists(id);
  });
  // Not an error, but not yet deleted either.
  if (deferred) {
    io.stderr.write(
      `dmts: layer "${id}" is in use: it is deleted after its last holder closes it\n`,
    );
  }
  if (options.json) printJson(io, { dryRun: false, id, deferred });
}
