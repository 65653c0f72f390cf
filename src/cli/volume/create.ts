// dmts volume create

import type { Command } from 'commander';
import type { Bytes } from '../../dm/text/units.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { sizeInBytes } from '../support/numbers.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf, withName } from '../volume-support/words.ts';

interface Options extends JsonOption {
  readonly size: Bytes;
}

/** `dmts volume create` */
export function define(group: Command, io: Io): void {
  const command = describeVolume(group, {
    name: 'create',
    details: 'It takes no space in the pool before the first write.',
    examples: ['dmts volume --dir /srv/vms create scratch --size 1g'],
  });
  withName(command)
    .requiredOption('--size <size>', 'size of the volume; required', sizeInBytes('--size'))
    .action(async (name: string, { size, json }: Options, self: Command) => {
      await withVolumes(io, dirOf(self), (volumes) =>
        volumes.create(name, { size, signal: io.signal }),
      );
      if (json) printJson(io, { name, size });
    });
}
