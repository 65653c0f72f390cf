// dmts storage create

import type { Command } from 'commander';
import { type Sectors, sectorsToBytes } from '../../dm/text/units.ts';
import { withNewStorage } from '../storage-support/with-storage.ts';
import { describeStorage, parseLayerId, placeOf, withId } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { sizeInSectors } from '../support/numbers.ts';

interface Options extends JsonOption {
  readonly parent?: string;
  readonly size?: Sectors;
}

/** `dmts storage create` */
export function define(group: Command, io: Io): void {
  const command = describeStorage(group, {
    name: 'create',
    details:
      'The layer shares unchanged blocks with its parent, and takes no space at first. If DIR holds no storage, the command creates one first, with the options of --storage-opt.',
    examples: [
      'dmts storage --root /srv/layers create image',
      'dmts storage --root /srv/layers create web --parent image --size 20G',
    ],
  });
  withId(command)
    .option('--parent <id>', 'the parent layer', parseLayerId)
    .option(
      '--size <size>',
      'size of the layer, at least that of its parent',
      sizeInSectors('--size'),
    )
    .action(async (id: string, { parent, size, json }: Options, self: Command) => {
      const record = await withNewStorage(io, placeOf(self), async (storage) => {
        const bytes = size === undefined ? undefined : sectorsToBytes(size);
        await storage.create(id, { parent, size: bytes, signal: io.signal });
        return storage.layer(id);
      });
      if (json) printJson(io, { id, parent, deviceId: record.deviceId, size: record.size });
    });
}
