// dmts storage mount

import type { Command } from 'commander';
import { withStorage } from '../storage-support/with-storage.ts';
import { describeStorage, placeOf, withId } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

/** `dmts storage mount` */
export function define(group: Command, io: Io): void {
  const command = describeStorage(group, {
    name: 'mount',
    details:
      'A layer that is already mounted stays mounted. One umount unmounts it, regardless of the number of mounts.',
    examples: [
      'dmts storage --root /srv/layers mount web',
      'cp -a files/. "$(dmts storage --root /srv/layers mount web)"',
    ],
  });
  withId(command).action(async (id: string, { json }: JsonOption, self: Command) => {
    const path = await withStorage(io, placeOf(self), (storage) =>
      storage.mount(id, { signal: io.signal }),
    );
    if (json) printJson(io, { id, path });
    else io.stdout.write(`${path}\n`);
  });
}
