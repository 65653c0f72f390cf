// dmts volume activate

import type { Command } from 'commander';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { deviceRecord, printJson } from '../support/json.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf, withName } from '../volume-support/words.ts';

interface Options extends JsonOption {
  readonly readonly?: boolean;
}

/** `dmts volume activate` */
export function define(group: Command, io: Io): void {
  const command = describeVolume(group, {
    name: 'activate',
    details:
      'The name of the device is POOL-NAME. A volume that is already active is busy (exit status 4): two users of one disk would destroy its filesystem.',
    examples: [
      'dmts volume --dir /srv/vms activate vm1',
      'mkfs.ext4 -q "$(dmts volume --dir /srv/vms activate vm1)"',
    ],
  });
  withName(command)
    .option('-r, --readonly', 'make the device read-only')
    .action(async (name: string, { readonly, json }: Options, self: Command) => {
      const info = await withVolumes(io, dirOf(self), (volumes) =>
        volumes.activate(name, { readOnly: readonly, signal: io.signal }),
      );
      if (json) printJson(io, { name, device: deviceRecord(info) });
      else io.stdout.write(`${info.path}\n`);
    });
}
