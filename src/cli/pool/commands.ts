// dmts pool

import type { Command } from 'commander';
import type { CommandEntries, CommandEntry } from '../support/command-entry.ts';
import { describeGroup } from '../support/describe.ts';

/** `dmts pool` */
export function define(program: Command): void {
  describeGroup(program, {
    name: 'pool',
    summary: 'Create and manage thin pools',
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
      load: () => import('./create.ts'),
      interrupted: `${LOOK}; files created for it still exist`,
    },
  ],
  ['activate', { load: () => import('./activate.ts'), interrupted: LOOK }],
  ['deactivate', { load: () => import('./deactivate.ts'), interrupted: LOOK }],
  ['status', { load: () => import('./status.ts') }],
  ['ls', { load: () => import('./ls.ts') }],
  [
    'grow',
    {
      load: () => import('./grow.ts'),
      interrupted: 'the pool has the old or the new size; "dmts pool status" shows it',
    },
  ],
  [
    'watch',
    {
      load: () => import('./watch.ts'),
      interrupted: 'the pool stays active; nothing extends it automatically now',
    },
  ],
  ['trim', { load: () => import('./trim.ts'), interrupted: 'the space trimmed so far is free' }],
  ['check', { load: () => import('./check.ts') }],
  ['diff', { load: () => import('./diff.ts') }],
]);
