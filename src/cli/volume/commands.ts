// dmts volume

import type { Command } from 'commander';
import type { CommandEntries, CommandEntry } from '../support/command-entry.ts';
import { describeGroup } from '../support/describe.ts';
import { VALUE_OPTIONS, withDir } from '../volume-support/words.ts';

/** `dmts volume` */
export function define(program: Command): void {
  const group = describeGroup(program, {
    name: 'volume',
    details:
      'A volume is a thin device with a name and a size, such as the disk of a virtual machine. DIR has the records of the volumes, and the files of their pool. Each command opens and closes DIR; the pool and active volumes stay active until "deactivate" or "shutdown". Only one process at a time can open DIR; "ls" does not open it.',
    usage: '--dir DIR COMMAND',
    examples: [
      'dmts volume --dir /srv/vms init vms --size 10g',
      'dmts volume --dir /srv/vms import debian debian.raw',
      'dmts volume --dir /srv/vms clone debian vm1',
      'dmts volume --dir /srv/vms activate vm1',
      'dmts volume --dir /srv/vms ls',
    ],
  });
  withDir(group);
}

/** The options with a value that may precede the subcommand. */
export const valueOptions: readonly string[] = VALUE_OPTIONS;

const WHOLE = 'the volume exists completely or not at all; "dmts volume ls" shows it';

/** The commands below `dmts volume`, in the order of its help text. */
export const commands: CommandEntries = new Map<string, CommandEntry>([
  [
    'init',
    {
      summary: 'Create a directory of volumes and its pool, or activate the pool',
      load: () => import('./init.ts'),
      interrupted: 'the pool may be incomplete; run the command again',
    },
  ],
  [
    'create',
    {
      summary: 'Create an empty volume',
      load: () => import('./create.ts'),
      interrupted: WHOLE,
    },
  ],
  [
    'clone',
    {
      summary: 'Create a volume with the present content of another one',
      load: () => import('./clone.ts'),
      interrupted: WHOLE,
    },
  ],
  [
    'import',
    {
      summary: 'Create a volume with the content of a raw image',
      load: () => import('./import.ts'),
      interrupted: WHOLE,
    },
  ],
  [
    'export',
    {
      summary: 'Write the content of a volume to a raw image',
      load: () => import('./export.ts'),
      interrupted: 'the image was not written',
    },
  ],
  [
    'rollback',
    {
      summary: 'Give a volume the content of another one, such as an earlier clone',
      load: () => import('./rollback.ts'),
      interrupted: 'the volume has its old or its new content',
    },
  ],
  [
    'rename',
    {
      summary: 'Rename a volume, and its device if it is active',
      load: () => import('./rename.ts'),
      interrupted: 'the volume has the old or the new name; "dmts volume ls" shows it',
    },
  ],
  [
    'grow',
    {
      summary: 'Grow a volume, and its device if it is active',
      load: () => import('./grow.ts'),
      interrupted: 'the volume has the old or the new size; "dmts volume ls" shows it',
    },
  ],
  [
    'activate',
    {
      summary: 'Activate a volume, and print the path of its device',
      load: () => import('./activate.ts'),
      interrupted: 'the volume may be active; "dmts volume ls" shows it',
    },
  ],
  [
    'deactivate',
    {
      summary: 'Deactivate a volume; its data is kept',
      load: () => import('./deactivate.ts'),
      interrupted: 'the volume may be inactive; "dmts volume ls" shows it',
    },
  ],
  [
    'delete',
    {
      summary: 'Delete an inactive volume and its data',
      load: () => import('./delete.ts'),
      interrupted: WHOLE,
    },
  ],
  ['ls', { summary: 'List the volumes', load: () => import('./ls.ts') }],
  [
    'shutdown',
    {
      summary: 'Deactivate all volumes and the pool',
      load: () => import('./shutdown.ts'),
      interrupted: 'the shutdown is incomplete; run the command again',
    },
  ],
]);
