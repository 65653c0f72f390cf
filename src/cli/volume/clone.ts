// dmts volume clone

import type { Command } from 'commander';
import type { Bytes } from '../../dm/text/units.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { sizeInBytes } from '../support/numbers.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf } from '../volume-support/words.ts';

interface Options extends JsonOption {
  readonly size?: Bytes;
}

/** `dmts volume clone` */
export function define(group: Command, io: Io): void {
  describeVolume(group, {
    name: 'clone',
    details:
      'The origin may be in use: its filesystem is frozen for a moment. The two volumes share each block until one of them writes to it. A clone may be larger than its origin; its filesystem does not grow.',
    examples: [
      'dmts volume --dir /srv/vms clone debian vm1',
      'dmts volume --dir /srv/vms clone debian vm1 --size 2g',
    ],
  })
    .argument('<origin>', 'the volume to clone')
    .argument('<name>', 'the new volume')
    .option(
      '--size <size>',
      'size of the new volume; default: that of the origin',
      sizeInBytes('--size'),
    )
    .action(async (origin: string, name: string, { size, json }: Options, self: Command) => {
      await withVolumes(io, dirOf(self), (volumes) =>
        volumes.clone(origin, name, { size, signal: io.signal }),
      );
      if (json) printJson(io, { origin, name });
    });
}
