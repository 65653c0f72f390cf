// dmts thin

import type { Command } from 'commander';
import type { CommandEntry } from '../commands.ts';
import { describeGroup } from '../describe.ts';

/** `dmts thin` */
export function define(program: Command): void {
  describeGroup(program, {
    name: 'thin',
    summary: 'Make, snapshot, activate and delete the thin devices of a pool',
    details:
      'A pool knows its thin devices by number, from 0 to 16777215. It does not record their sizes: those are given with each activation.',
    examples: [
      'dmts thin create tank 1 --activate --size 1g',
      'dmts thin snap tank 2 1',
      'dmts thin delete tank 2 --confirm tank-2',
    ],
  });
}

/** The commands below `dmts thin`, in the order of its help text. */
export const commands: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  [
    'create',
    {
      load: () => import('./create.ts'),
      interrupted: 'the thin device may have been made; "dmts thin delete" deletes it',
    },
  ],
  [
    'snap',
    {
      load: () => import('./snap.ts'),
      interrupted: 'the snapshot may have been made; its origin is as it was',
    },
  ],
  [
    'activate',
    { load: () => import('./activate.ts'), interrupted: '"dmts thin ls" shows what is active' },
  ],
  [
    'deactivate',
    { load: () => import('./deactivate.ts'), interrupted: '"dmts thin ls" shows what is active' },
  ],
  [
    'delete',
    {
      load: () => import('./delete.ts'),
      interrupted: 'the thin device may still be there, with --discard not all of it',
    },
  ],
  ['ls', { load: () => import('./ls.ts') }],
  [
    'grow',
    {
      load: () => import('./grow.ts'),
      interrupted: 'the thin device runs on with the old size or the new; "dmts thin ls" shows it',
    },
  ],
]);
