// dmts pool

import type { Command } from 'commander';
import type { CommandEntry } from '../commands.ts';
import { describeGroup } from '../describe.ts';

/** `dmts pool` */
export function define(program: Command): void {
  describeGroup(program, {
    name: 'pool',
    summary: 'Make thin pools, look after them, and take them apart',
    details:
      'What a thin pool hands out are thin devices: see "dmts thin". Of a pool\'s own devices, files get a loop device each.',
    examples: [
      'dmts pool create tank --metadata meta.img --metadata-size 16m --data data.img --data-size 10g',
      'dmts thin create tank 1 --activate --size 1g',
      'dmts pool status tank',
    ],
  });
}

const LOOK = '"dmts pool ls" shows whether the pool is active';

/** The commands below `dmts pool`, in the order of its help text. */
export const commands: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  [
    'create',
    {
      load: () => import('./create.ts'),
      interrupted: `${LOOK}; files that were made for it are still there`,
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
      interrupted: 'the pool runs on with the old size or the new; "dmts pool status" shows it',
    },
  ],
  [
    'watch',
    {
      load: () => import('./watch.ts'),
      interrupted: 'the pool runs on, and nobody extends it now',
    },
  ],
  ['trim', { load: () => import('./trim.ts'), interrupted: 'what was trimmed so far is free' }],
  ['check', { load: () => import('./check.ts') }],
  ['diff', { load: () => import('./diff.ts') }],
]);
