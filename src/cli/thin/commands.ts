// dmts thin

import type { Command } from 'commander';
import type { CommandEntries, CommandEntry } from '../support/command-entry.ts';
import { describeGroup } from '../support/describe.ts';

/** `dmts thin` */
export function define(program: Command): void {
  describeGroup(program, {
    name: 'thin',
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
      summary: 'Create a thin device',
      load: () => import('./create.ts'),
      interrupted: 'the thin device may have been created; "dmts thin delete" deletes it',
    },
  ],
  [
    'snap',
    {
      summary: 'Create a snapshot of a thin device',
      load: () => import('./snap.ts'),
      interrupted: 'the snapshot may have been created; its origin is unchanged',
    },
  ],
  [
    'activate',
    {
      summary: 'Activate a thin device',
      load: () => import('./activate.ts'),
      interrupted: '"dmts thin ls" shows what is active',
    },
  ],
  [
    'deactivate',
    {
      summary: 'Deactivate a thin device; its data is kept',
      load: () => import('./deactivate.ts'),
      interrupted: '"dmts thin ls" shows what is active',
    },
  ],
  [
    'delete',
    {
      summary: 'Delete an inactive thin device',
      load: () => import('./delete.ts'),
      interrupted: 'the thin device may still exist; with --discard it may be partly discarded',
    },
  ],
  [
    'ls',
    { summary: 'List the thin devices of a pool, active or not', load: () => import('./ls.ts') },
  ],
  [
    'grow',
    {
      summary: 'Grow an active thin device',
      load: () => import('./grow.ts'),
      interrupted: 'the thin device has the old or the new size; "dmts thin ls" shows it',
    },
  ],
]);
