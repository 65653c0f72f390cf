// dmts pool

import type { Command } from 'commander';
import type { CommandEntries, CommandEntry } from '../support/command-entry.ts';
import { describeGroup } from '../support/describe.ts';

/** `dmts pool` */
export function define(program: Command): void {
  describeGroup(program, {
    name: 'pool',
    details:
      'See "dmts thin" for the thin devices of a pool. The data and the metadata of a pool are block devices or files; a file gets a loop device.',
    examples: [
      'dmts pool create tank --metadata meta.img --metadata-size 16m --data data.img --data-size 10g',
      'dmts thin create tank 1 --activate --size 1g',
      'dmts pool status tank',
    ],
  });
}

const LOOK = '"dmts pool ls" shows whether the pool is active';

/** The commands below `dmts pool`, in the order of its help text. */
export const commands: CommandEntries = new Map<string, CommandEntry>([
  [
    'create',
    {
      summary: 'Create a pool on two block devices or files',
      load: () => import('./create.ts'),
      interrupted: `${LOOK}; files created for it still exist`,
    },
  ],
  [
    'activate',
    {
      summary: 'Activate an existing pool',
      load: () => import('./activate.ts'),
      interrupted: LOOK,
    },
  ],
  [
    'deactivate',
    {
      summary: 'Deactivate a pool; its data is kept',
      load: () => import('./deactivate.ts'),
      interrupted: LOOK,
    },
  ],
  [
    'status',
    {
      summary: 'Print usage and health of pools, and what to do next',
      load: () => import('./status.ts'),
    },
  ],
  ['ls', { summary: 'List the active pools and their usage', load: () => import('./ls.ts') }],
  [
    'grow',
    {
      summary: 'Grow the data or the metadata of a pool while it is in use',
      load: () => import('./grow.ts'),
      interrupted: 'the pool has the old or the new size; "dmts pool status" shows it',
    },
  ],
  [
    'watch',
    {
      summary: 'Print the events of a pool as they happen, and grow the pool if requested',
      load: () => import('./watch.ts'),
      interrupted: 'the pool stays active; nothing extends it automatically now',
    },
  ],
  [
    'trim',
    {
      summary: 'Return the unused space of mounted filesystems to the pool',
      load: () => import('./trim.ts'),
      interrupted: 'the space trimmed so far is free',
    },
  ],
  [
    'check',
    {
      summary: 'Check the metadata of a pool with thin_check, and check its devices',
      load: () => import('./check.ts'),
    },
  ],
  [
    'diff',
    {
      summary: 'Compare the blocks of two thin devices of a pool',
      load: () => import('./diff.ts'),
    },
  ],
]);
