// dmts volume shutdown

import type { Command } from 'commander';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf } from '../volume-support/words.ts';

/** How long other programs, such as udev, may keep a device open. */
const RELEASE_MS = 1000;

/** `dmts volume shutdown` */
export function define(group: Command, io: Io): void {
  describeVolume(group, {
    name: 'shutdown',
    details:
      'A volume in use is busy (exit status 4), and the error names its holders. The next command activates the pool again.',
    examples: ['dmts volume --dir /srv/vms shutdown'],
  }).action(async ({ json }: JsonOption, self: Command) => {
    const dir = dirOf(self);
    await withVolumes(io, dir, async (volumes) => {
      for (const { name, path } of await volumes.list()) {
        if (path === undefined) continue;
        await volumes.deactivate(name, { timeoutMs: RELEASE_MS, signal: io.signal });
      }
      await volumes.shutdown({ signal: io.signal });
    });
    if (json) printJson(io, { dir });
  });
}
