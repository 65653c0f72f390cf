// dmts volume deactivate

import type { Command } from 'commander';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf, withName } from '../volume-support/words.ts';

/** How long other programs, such as udev, may keep the device open. */
const RELEASE_MS = 1000;

/** `dmts volume deactivate` */
export function define(group: Command, io: Io): void {
  const command = describeVolume(group, {
    name: 'deactivate',
    details:
      'A volume in use is busy (exit status 4), and the error names its holders. An inactive volume is not an error.',
    examples: ['dmts volume --dir /srv/vms deactivate vm1'],
  });
  withName(command).action(async (name: string, { json }: JsonOption, self: Command) => {
    await withVolumes(io, dirOf(self), (volumes) =>
      volumes.deactivate(name, { timeoutMs: RELEASE_MS, signal: io.signal }),
    );
    if (json) printJson(io, { name });
  });
}
