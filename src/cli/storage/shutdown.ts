// dmts storage shutdown

import type { Command } from 'commander';
import type { JsonOption } from '../describe.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json.ts';
import { withStorage } from './with-storage.ts';
import { describeStorage, placeOf } from './words.ts';

/** `dmts storage shutdown` */
export function define(group: Command, io: Io): void {
  describeStorage(group, {
    name: 'shutdown',
    summary: 'Unmount all layers, and take the pool down',
    details:
      'A pool of dm.thinpooldev stays. At what somebody still uses it ends (exit status 4): run it again then. The layers are there again with the next command.',
    examples: ['dmts storage --root /srv/layers shutdown'],
  }).action(async ({ json }: JsonOption, self: Command) => {
    const place = placeOf(self);
    await withStorage(io, place, (storage) => storage.shutdown({ signal: io.signal }));
    if (json) printJson(io, { root: place.root });
  });
}
