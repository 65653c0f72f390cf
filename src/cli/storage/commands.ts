// dmts storage

import type { Command } from 'commander';
import { VALUE_OPTIONS, withStorageOptions } from '../storage-support/words.ts';
import type { CommandEntries, CommandEntry } from '../support/command-entry.ts';
import { describeGroup } from '../support/describe.ts';

/** `dmts storage` */
export function define(program: Command): void {
  const group = describeGroup(program, {
    name: 'storage',
    summary: "Create, mount, compare and remove layers in Docker's devicemapper storage",
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
      load: () => import('./create.ts'),
      interrupted: `the layer exists completely or not at all; ${LOOK}`,
    },
  ],
  ['mount', { load: () => import('./mount.ts'), interrupted: `the layer may be mounted; ${LOOK}` }],
  [
    'umount',
    { load: () => import('./umount.ts'), interrupted: `the layer may still be mounted; ${LOOK}` },
  ],
  [
    'rm',
    { load: () => import('./rm.ts'), interrupted: `the layer may have been removed; ${LOOK}` },
  ],
  ['ls', { load: () => import('./ls.ts') }],
  ['status', { load: () => import('./status.ts') }],
  ['inspect', { load: () => import('./inspect.ts') }],
  ['changes', { load: () => import('./changes.ts') }],
  ['diff', { load: () => import('./diff.ts'), interrupted: 'the tar is incomplete' }],
  [
    'apply',
    {
      load: () => import('./apply.ts'),
      interrupted: 'the tar may be partly unpacked in the layer',
    },
  ],
  ['check', { load: () => import('./check.ts') }],
  [
    'repair',
    {
      load: () => import('./repair.ts'),
      interrupted: 'the repair is incomplete; run the command again',
    },
  ],
  [
    'shutdown',
    {
      load: () => import('./shutdown.ts'),
      interrupted: 'the shutdown is incomplete; run the command again',
    },
  ],
]);
