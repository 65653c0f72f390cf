// dmts storage create

import type { Command } from 'commander';
import { parseSize } from '../../dm/size.ts';
import type { Bytes } from '../../dm/units.ts';
import { parseLayerSize } from '../../storage/options.ts';
import type { JsonOption } from '../describe.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json.ts';
import { withNewStorage } from './with-storage.ts';
import { describeStorage, parseLayerId, placeOf, withId } from './words.ts';

interface Options extends JsonOption {
  readonly parent?: string;
  readonly size?: Bytes;
}

/** `dmts storage create` */
export function define(group: Command, io: Io): void {
  const command = describeStorage(group, {
    name: 'create',
    summary: 'Make a layer: a writable copy of its parent, or an empty filesystem',
    details:
      'It shares with its parent what neither of them changes, and takes no space at first. In a DIR that holds no storage yet the storage is made before; --storage-opt says how.',
    examples: [
      'dmts storage --root /srv/layers create image',
      'dmts storage --root /srv/layers create web --parent image --size 20G',
    ],
  });
  withId(command)
    .option('--parent <id>', 'the layer it is a copy of', parseLayerId)
    .option('--size <size>', 'at least what its parent has', (text: string) =>
      parseLayerSize({ size: `${parseSize(text, '--size')}` }),
    )
    .action(async (id: string, { parent, size, json }: Options, self: Command) => {
      const record = await withNewStorage(io, placeOf(self), async (storage) => {
        await storage.create(id, { parent, size, signal: io.signal });
        return storage.layers().find((layer) => layer.id === id);
      });
      if (json) printJson(io, { id, parent, deviceId: record?.deviceId, size: record?.size });
    });
}
