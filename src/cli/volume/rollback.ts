// dmts volume rollback

import type { Command } from 'commander';
import { CONFIRM, confirm, demandConfirmable } from '../support/confirm.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf, withName } from '../volume-support/words.ts';

interface Options extends JsonOption {
  readonly confirm?: string;
}

/** `dmts volume rollback` */
export function define(group: Command, io: Io): void {
  const command = describeVolume(group, {
    name: 'rollback',
    details:
      'The volume loses its present content: clone it first to keep that. The other volume is unchanged. The command asks for confirmation on a terminal, and requires --confirm NAME elsewhere. An active volume is busy (exit status 4).',
    examples: [
      'dmts volume --dir /srv/vms rollback vm1 vm1-monday',
      'dmts volume --dir /srv/vms rollback vm1 vm1-monday --confirm vm1',
    ],
  });
  withName(command)
    .argument('<to>', 'the volume whose content it gets')
    .option(...CONFIRM)
    .action(async (name: string, to: string, options: Options, self: Command) => {
      const dir = dirOf(self);
      const question = {
        name,
        given: options.confirm,
        what: `this replaces the content of volume "${name}" by that of "${to}"`,
        otherwise: 'nothing was changed',
      };
      demandConfirmable(io, question);
      await withVolumes(io, dir, async (volumes) => {
        await confirm(io, question);
        await volumes.rollback(name, to, { signal: io.signal });
      });
      if (options.json) printJson(io, { name, to });
    });
}
