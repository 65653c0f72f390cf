// dmts volume delete

import type { Command } from 'commander';
import { formatSize } from '../../dm/text/size.ts';
import { CONFIRM, confirm, demandConfirmable } from '../support/confirm.ts';
import type { JsonOption } from '../support/describe.ts';
import { CommandError, ExitStatus } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf, withName } from '../volume-support/words.ts';
import { look } from './ls.ts';

interface Options extends JsonOption {
  readonly confirm?: string;
  readonly dryRun?: boolean;
}

/** `dmts volume delete` */
export function define(group: Command, io: Io): void {
  const command = describeVolume(group, {
    name: 'delete',
    details:
      'The command asks for confirmation on a terminal, and requires --confirm NAME elsewhere. Clones keep the blocks that they share with it. An active volume is busy (exit status 4).',
    examples: [
      'dmts volume --dir /srv/vms delete vm1',
      'dmts volume --dir /srv/vms delete vm1 --confirm vm1',
      'dmts volume --dir /srv/vms delete vm1 --dry-run',
    ],
  });
  withName(command)
    .option(...CONFIRM)
    .option('-n, --dry-run', 'only print what would be done')
    .action(async (name: string, options: Options, self: Command) => {
      const dir = dirOf(self);
      if (options.dryRun) await tell(io, dir, name, options);
      else await remove(io, dir, name, options);
    });
}

/** Prints what `delete` would do. It opens nothing: that would repair the traces of a crash, and so write. */
async function tell(io: Io, dir: string, name: string, { json }: JsonOption): Promise<void> {
  const { volumes } = await look(io, dir);
  const volume = volumes.find((one) => one.name === name);
  if (volume === undefined) {
    throw new CommandError(`volume "${name}": it does not exist in ${dir}`, ExitStatus.noDevice);
  }
  const { size, path } = volume;
  if (json) return printJson(io, { dryRun: true, name, size, path });
  const busy = path ? `; this would fail while it is active as ${path}` : '';
  io.stdout.write(`would delete volume ${name} of ${formatSize(size)}${busy}\n`);
}

async function remove(io: Io, dir: string, name: string, options: Options): Promise<void> {
  const question = {
    name,
    given: options.confirm,
    what: `this deletes volume "${name}" of ${dir} and its data`,
    otherwise: 'nothing was deleted',
  };
  demandConfirmable(io, question);
  await withVolumes(io, dir, async (volumes) => {
    await confirm(io, question);
    await volumes.delete(name, { signal: io.signal });
  });
  if (options.json) printJson(io, { dryRun: false, name });
}
