// All commands by name. Each module loads on demand: a short-lived program spends most of its time on loading.

import type { CommandEntries, CommandEntry } from './support/command-entry.ts';

const AS_IT_WAS = 'the device is unchanged';
const WIPED = '"dmts table" shows whether the table was replaced';

/** The commands in the order of the help text. */
export const commands: CommandEntries = new Map<string, CommandEntry>([
  ['version', { load: () => import('./system/version.ts') }],
  ['targets', { load: () => import('./system/targets.ts') }],
  ['target-version', { load: () => import('./system/target-version.ts') }],
  ['ls', { load: () => import('./show/ls.ts') }],
  ['info', { load: () => import('./show/info.ts') }],
  ['status', { load: () => import('./show/status.ts') }],
  ['table', { load: () => import('./show/table.ts') }],
  ['measure', { load: () => import('./show/measure.ts') }],
  ['deps', { load: () => import('./show/deps.ts') }],
  [
    'create',
    { load: () => import('./change/create.ts'), interrupted: 'the new device is removed again' },
  ],
  ['wipe_table', { load: () => import('./change/wipe-table.ts'), interrupted: WIPED }],
  ['setgeometry', { load: () => import('./change/setgeometry.ts'), interrupted: AS_IT_WAS }],
  ['reload', { load: () => import('./change/reload.ts'), alias: 'load', interrupted: AS_IT_WAS }],
  ['clear', { load: () => import('./change/clear.ts'), interrupted: AS_IT_WAS }],
  [
    'suspend',
    { load: () => import('./change/suspend.ts'), interrupted: 'the device is not suspended' },
  ],
  ['resume', { load: () => import('./change/resume.ts'), interrupted: AS_IT_WAS }],
  ['rename', { load: () => import('./change/rename.ts'), interrupted: AS_IT_WAS }],
  [
    'mangle',
    { load: () => import('./system/mangle.ts'), interrupted: '"dmts ls" shows the names' },
  ],
  [
    'remove',
    {
      load: () => import('./change/remove.ts'),
      interrupted: 'the device still exists; after --force its I/O may fail',
    },
  ],
  [
    'remove_all',
    {
      load: () => import('./change/remove-all.ts'),
      interrupted: '"dmts ls" lists the remaining devices',
    },
  ],
  [
    'message',
    {
      load: () => import('./change/message.ts'),
      interrupted: 'the target may have acted on the message',
    },
  ],
  ['wait', { load: () => import('./show/wait.ts'), interrupted: AS_IT_WAS }],
  ['watch', { load: () => import('./show/watch.ts'), own: true }],
  ['pool', { load: () => import('./pool/commands.ts'), own: true }],
  ['thin', { load: () => import('./thin/commands.ts'), own: true }],
  ['storage', { load: () => import('./storage/commands.ts'), own: true }],
  ['splitname', { load: () => import('./system/splitname.ts') }],
  ['udevcookies', { load: () => import('./system/udevcookies.ts') }],
  ['completion', { load: () => import('./system/completion.ts'), own: true }],
  ['mknodes', { load: () => import('./system/mknodes.ts') }],
]);
