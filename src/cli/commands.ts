// All commands by name. Each module loads on demand: a short-lived program spends most of its time on loading.

import type { CommandEntries, CommandEntry } from './command-entry.ts';

const AS_IT_WAS = 'the device is unchanged';
const WIPED = '"dmts table" shows whether the table was replaced';

/** The commands in the order of the help text. */
export const commands: CommandEntries = new Map<string, CommandEntry>([
  ['version', { load: () => import('./version.ts') }],
  ['targets', { load: () => import('./targets.ts') }],
  ['target-version', { load: () => import('./target-version.ts') }],
  ['ls', { load: () => import('./ls.ts') }],
  ['info', { load: () => import('./info.ts') }],
  ['status', { load: () => import('./status.ts') }],
  ['table', { load: () => import('./table.ts') }],
  ['measure', { load: () => import('./measure.ts') }],
  ['deps', { load: () => import('./deps.ts') }],
  ['create', { load: () => import('./create.ts'), interrupted: 'the new device is removed again' }],
  ['wipe_table', { load: () => import('./wipe-table.ts'), interrupted: WIPED }],
  ['setgeometry', { load: () => import('./setgeometry.ts'), interrupted: AS_IT_WAS }],
  ['reload', { load: () => import('./reload.ts'), alias: 'load', interrupted: AS_IT_WAS }],
  ['clear', { load: () => import('./clear.ts'), interrupted: AS_IT_WAS }],
  ['suspend', { load: () => import('./suspend.ts'), interrupted: 'the device is not suspended' }],
  ['resume', { load: () => import('./resume.ts'), interrupted: AS_IT_WAS }],
  ['rename', { load: () => import('./rename.ts'), interrupted: AS_IT_WAS }],
  ['mangle', { load: () => import('./mangle.ts'), interrupted: '"dmts ls" shows the names' }],
  [
    'remove',
    {
      load: () => import('./remove.ts'),
      interrupted: 'the device still exists; after --force its I/O may fail',
    },
  ],
  [
    'remove_all',
    { load: () => import('./remove-all.ts'), interrupted: '"dmts ls" lists the remaining devices' },
  ],
  [
    'message',
    { load: () => import('./message.ts'), interrupted: 'the target may have acted on the message' },
  ],
  ['wait', { load: () => import('./wait.ts'), interrupted: AS_IT_WAS }],
  ['watch', { load: () => import('./watch.ts'), own: true }],
  ['pool', { load: () => import('./pool/commands.ts'), own: true }],
  ['thin', { load: () => import('./thin/commands.ts'), own: true }],
  ['storage', { load: () => import('./storage/commands.ts'), own: true }],
  ['splitname', { load: () => import('./splitname.ts') }],
  ['udevcookies', { load: () => import('./udevcookies.ts') }],
  ['completion', { load: () => import('./completion.ts'), own: true }],
  ['mknodes', { load: () => import('./mknodes.ts') }],
]);
