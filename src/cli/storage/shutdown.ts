// dmts storage shutdown

import type { Command } from 'commander';
import { withStorage } from '../storage-support/with-storage.ts';
import { describeStorage, placeOf } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

/** `dmts storage shutdown` */
export function define(group: Command, io: Io): void {
  describeStorage(group, {
    name: 'shutdown',
    details:
      'A pool of dm.thinpooldev stays active. The command stops at a device in use (exit status 4): run it again later. The next command activates the storage again.',
    examples: ['dmts storage --root /srv/layers shutdown'],
  }).action(async ({ json }: JsonOption, self: Command) => {
    const place = placeOf(self);
    await withStorage(io, place, (storage) => storage.shutdown({ signal: io.signal }));
    if (json) printJson(io, { root: place.root });
  });
}
