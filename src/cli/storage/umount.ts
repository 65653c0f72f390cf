// dmts storage umount

import type { Command } from 'commander';
import { withStorage } from '../storage-support/with-storage.ts';
import { describeStorage, placeOf, withId } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

/** `dmts storage umount` */
export function define(group: Command, io: Io): void {
  const command = describeStorage(group, {
    name: 'umount',
    details:
      'A layer that is not mounted is not an error. A layer in use is detached at once, and the kernel removes its device when the last holder closes it; with dm.use_deferred_removal=false the layer is busy (exit status 4).',
    examples: ['dmts storage --root /srv/layers umount web'],
  });
  withId(command).action(async (id: string, { json }: JsonOption, self: Command) => {
    await withStorage(io, placeOf(self), async (storage) => {
      // A mistyped name is an error, although an unmounted layer is not.
      if (!storage.exists(id)) storage.metadata(id);
      await storage.unmount(id, { signal: io.signal });
    });
    if (json) printJson(io, { id });
  });
}
