// dmts volume rename

import type { Command } from 'commander';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf, withName } from '../volume-support/words.ts';

/** `dmts volume rename` */
export function define(group: Command, io: Io): void {
  const command = describeVolume(group, {
    name: 'rename',
    examples: ['dmts volume --dir /srv/vms rename vm1 web'],
  });
  withName(command)
    .argument('<new-name>', 'the new name')
    .action(async (name: string, to: string, { json }: JsonOption, self: Command) => {
      await withVolumes(io, dirOf(self), (volumes) =>
        volumes.rename(name, to, { signal: io.signal }),
      );
      if (json) printJson(io, { name: to, before: name });
    });
}
