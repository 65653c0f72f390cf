// dmts storage

import type { Command } from 'commander';
import { VALUE_OPTIONS, withStorageOptions } from '../storage-support/words.ts';
import type { CommandEntries, CommandEntry } from '../support/command-entry.ts';
import { describeGroup } from '../support/describe.ts';

/** `dmts storage` */
export function define(program: Command): void {
  const group = describeGroup(program, {
    name: 'storage',
    details:
      'DIR is in the format of Docker up to 24: dmts reads what Docker wrote, and Docker reads what dmts wrote. Each command opens and closes the storage; mounts and the pool stay active until "umount" or "shutdown". Only one process at a time can open it: stop Docker first.',
    usage: '--root DIR [--storage-opt NAME=VALUE]... COMMAND',
    examples: [
      'dmts storage --root /srv/layers --storage-opt dm.basesize=20G create image',
      'dmts storage --root /srv/layers create web --parent image',
      'dmts storage --root /srv/layers mount web',
      'dmts storage --root /var/lib/docker/devicemapper ls',
    ],
  });
  withStorageOptions(group);
}

/** The options with a value that may precede the subcommand. */
export const valueOptions: readonly string[] = VALUE_OPTIONS;

const LOOK = '"dmts storage ls" shows it';

/** The commands below `dmts storage`, in the order of its help text. */
export const commands: CommandEntries = new Map<string, CommandEntry>([
  [
    'create',
    {
      summary: 'Create a layer: a writable snapshot of its parent, or an empty filesystem',
      load: () => import('./create.ts'),
      interrupted: `the layer exists completely or not at all; ${LOOK}`,
    },
  ],
  [
    'mount',
    {
      summary: 'Mount a layer, and print the path of its content',
      load: () => import('./mount.ts'),
      interrupted: `the layer may be mounted; ${LOOK}`,
    },
  ],
  [
    'umount',
    {
      summary: 'Unmount a layer, and deactivate its device',
      load: () => import('./umount.ts'),
      interrupted: `the layer may still be mounted; ${LOOK}`,
    },
  ],
  [
    'rm',
    {
      summary: 'Remove a layer and its content',
      load: () => import('./rm.ts'),
      interrupted: `the layer may have been removed; ${LOOK}`,
    },
  ],
  ['ls', { summary: 'List the layers', load: () => import('./ls.ts') }],
  [
    'status',
    { summary: 'Print usage and configuration of the storage', load: () => import('./status.ts') },
  ],
  ['inspect', { summary: 'Print the device of a layer', load: () => import('./inspect.ts') }],
  [
    'changes',
    {
      summary: 'List the paths that a layer has added, changed and deleted',
      load: () => import('./changes.ts'),
    },
  ],
  [
    'diff',
    {
      summary: 'Write the changes of a layer to stdout, as a tar',
      load: () => import('./diff.ts'),
      interrupted: 'the tar is incomplete',
    },
  ],
  [
    'apply',
    {
      summary: 'Unpack a tar, such as one that "diff" wrote, from stdin into a layer',
      load: () => import('./apply.ts'),
      interrupted: 'the tar may be partly unpacked in the layer',
    },
  ],
  [
    'check',
    {
      summary: 'Compare the records, the pool and the devices, and print every difference',
      load: () => import('./check.ts'),
    },
  ],
  [
    'repair',
    {
      summary: 'Show a plan of repairs after a crash, and carry it out',
      load: () => import('./repair.ts'),
      interrupted: 'the repair is incomplete; run the command again',
    },
  ],
  [
    'shutdown',
    {
      summary: 'Unmount all layers, and deactivate the pool',
      load: () => import('./shutdown.ts'),
      interrupted: 'the shutdown is incomplete; run the command again',
    },
  ],
]);
