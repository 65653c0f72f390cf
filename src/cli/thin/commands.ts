// dmts thin

import type { Command } from 'commander';
import type { CommandEntries, CommandEntry } from '../support/command-entry.ts';
import { describeGroup } from '../support/describe.ts';

/** `dmts thin` */
export function define(program: Command): void {
  describeGroup(program, {
    name: 'thin',
    summary: 'Create, snapshot, activate and delete the thin devices of a pool',
    details:
      'A thin id is a number from 0 to 16777215. A pool does not record the size of a thin device: give it with each activation.',
    examples: [
      'dmts thin create tank 1 --activate --size 1g',
      'dmts thin snap tank 2 1',
      'dmts thin delete tank 2 --confirm tank-2',
    ],
  });
}

/** The commands below `dmts thin`, in the order of its help text. */
export const commands: CommandEntries = new Map<string, CommandEntry>([
  [
    'create',
    {
      load: () => import('./create.ts'),
      interrupted: 'the thin device may have been created; "dmts thin delete" deletes it',
    },
  ],
  [
    'snap',
    {
      load: () => import('./snap.ts'),
      interrupted: 'the snapshot may have been created; its origin is unchanged',
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
      interrupted: 'the thin device may still exist; with --discard it may be partly discarded',
    },
  ],
  ['ls', { load: () => import('./ls.ts') }],
  [
    'grow',
    {
      load: () => import('./grow.ts'),
      interrupted: 'the thin device has the old or the new size; "dmts thin ls" shows it',
    },
  ],
]);
