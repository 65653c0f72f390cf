// dmts volume grow

import type { Command } from 'commander';
import { SECTOR } from '../../dm/text/units.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { type Growth, grown, growth } from '../support/numbers.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf, withName } from '../volume-support/words.ts';

/** `dmts volume grow` */
export function define(group: Command, io: Io): void {
  const command = describeVolume(group, {
    name: 'grow',
    details:
      'The command grows it to SIZE, or by SIZE after a +. Grow its filesystem afterwards with resize2fs or xfs_growfs.',
    examples: [
      'dmts volume --dir /srv/vms grow vm1 2g',
      'dmts volume --dir /srv/vms grow vm1 +512m',
    ],
  });
  withName(command)
    .argument('<size>', 'SIZE or +SIZE', growth('SIZE'))
    .action(async (name: string, wanted: Growth, { json }: JsonOption, self: Command) => {
      const size = await withVolumes(io, dirOf(self), async (volumes) => {
        const now = (await volumes.list()).find((one) => one.name === name)?.size ?? 0n;
        const bytes = grown({ now, block: SECTOR, what: 'SIZE' }, wanted);
        await volumes.grow(name, bytes, { signal: io.signal });
        return bytes;
      });
      if (json) printJson(io, { name, size });
    });
}
