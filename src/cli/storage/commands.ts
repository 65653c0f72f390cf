// dmts storage

import type { Command } from 'commander';
import type { CommandEntry } from '../commands.ts';
import { describeGroup } from '../describe.ts';
import { VALUE_OPTIONS, withStorageOptions } from './words.ts';

/** `dmts storage` */
export function define(program: Command): void {
  const group = describeGroup(program, {
    name: 'storage',
    summary: "Make, mount, compare and remove layers in Docker's devicemapper storage",
    details:
      "DIR is in Docker's format: what Docker up to 24 has written is read, and the other way round. Each command opens it, does one thing and lets go of it; mounts and the pool stay as they are until they are taken down. One process at a time has it: stop Docker before.",
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

/** Options before the command that have a value. */
export const valueOptions: readonly string[] = VALUE_OPTIONS;

const LOOK = '"dmts storage ls" shows it';

/** The commands below `dmts storage`, in the order of its help text. */
export const commands: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  [
    'create',
    {
      load: () => import('./create.ts'),
      interrupted: `the layer is there as a whole, or not at all; ${LOOK}`,
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
  ['diff', { load: () => import('./diff.ts'), interrupted: 'the tar is not whole' }],
  [
    'apply',
    { load: () => import('./apply.ts'), interrupted: 'some of the tar may be in the layer' },
  ],
  [
    'shutdown',
    {
      load: () => import('./shutdown.ts'),
      interrupted: 'not all is taken down; run it again for the rest',
    },
  ],
]);
