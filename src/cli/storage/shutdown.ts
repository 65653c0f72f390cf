// dmts storage shutdown

import type { Command } from 'commander';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withStorage } from './with-storage.ts';
import { describeStorage, placeOf } from './words.ts';

/** `dmts storage shutdown` */
export function define(group: Command, io: Io): void {
  describeStorage(group, {
    name: 'shutdown',
    summary: 'Unmount all layers, and deactivate the pool',
    details:
      'A pool of dm.thinpooldev stays active. The command stops at a device in use (exit status 4): run it again later. The next command activates the storage again.',
    examples: ['dmts storage --root /srv/layers shutdown'],
  }).action(async ({ json }: JsonOption, self: Command) => {
    const place = placeOf(self);
    await withStorage(io, place, (storage) => storage.shutdown({ signal: io.signal }));
    if (json) printJson(io, { root: place.root });
  });
}
