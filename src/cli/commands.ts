// All commands by name. Each module loads on demand: a short-lived program spends most of its time on loading.

import type { CommandEntries, CommandEntry } from './support/command-entry.ts';

const AS_IT_WAS = 'the device is unchanged';
const WIPED = '"dmts table" shows whether the table was replaced';

/** The commands in the order of the help text. */
export const commands: CommandEntries = new Map<string, CommandEntry>([
  [
    'version',
    {
      summary: "Print the versions of dmts and of the kernel's interface",
      load: () => import('./system/version.ts'),
    },
  ],
  [
    'targets',
    {
      summary: 'List the target types that the kernel has loaded',
      load: () => import('./system/targets.ts'),
    },
  ],
  [
    'target-version',
    {
      summary: 'Print the versions of target types, and load their modules if needed',
      load: () => import('./system/target-version.ts'),
    },
  ],
  ['ls', { summary: 'List the devices', load: () => import('./show/ls.ts') }],
  ['info', { summary: 'Print information about devices', load: () => import('./show/info.ts') }],
  [
    'status',
    {
      summary: 'Print the status of the targets of devices',
      load: () => import('./show/status.ts'),
    },
  ],
  ['table', { summary: 'Print the tables of devices', load: () => import('./show/table.ts') }],
  [
    'measure',
    {
      summary: 'Print what devices report to the integrity measurement architecture (IMA)',
      load: () => import('./show/measure.ts'),
    },
  ],
  [
    'deps',
    { summary: 'Print the devices that a device uses', load: () => import('./show/deps.ts') },
  ],
  [
    'create',
    {
      summary: 'Create a device, load its table and resume it',
      load: () => import('./change/create.ts'),
      interrupted: 'the new device is removed again',
    },
  ],
  [
    'wipe_table',
    {
      summary: 'Replace the table of devices with one on which all I/O fails',
      load: () => import('./change/wipe-table.ts'),
      interrupted: WIPED,
    },
  ],
  [
    'setgeometry',
    {
      summary: 'Set the geometry that a device reports',
      load: () => import('./change/setgeometry.ts'),
      interrupted: AS_IT_WAS,
    },
  ],
  [
    'reload',
    {
      summary: 'Load a table into the inactive slot of a device',
      load: () => import('./change/reload.ts'),
      alias: 'load',
      interrupted: AS_IT_WAS,
    },
  ],
  [
    'clear',
    {
      summary: 'Clear the inactive table of devices',
      load: () => import('./change/clear.ts'),
      interrupted: AS_IT_WAS,
    },
  ],
  [
    'suspend',
    {
      summary: 'Suspend devices: wait for running I/O, and queue new I/O',
      load: () => import('./change/suspend.ts'),
      interrupted: 'the device is not suspended',
    },
  ],
  [
    'resume',
    {
      summary: 'Resume I/O of devices, with the inactive table if one is loaded',
      load: () => import('./change/resume.ts'),
      interrupted: AS_IT_WAS,
    },
  ],
  [
    'rename',
    {
      summary: 'Rename a device, or set the uuid of a device without one',
      load: () => import('./change/rename.ts'),
      interrupted: AS_IT_WAS,
    },
  ],
  [
    'mangle',
    {
      summary: 'Rename devices whose names are not mangled correctly',
      load: () => import('./system/mangle.ts'),
      interrupted: '"dmts ls" shows the names',
    },
  ],
  [
    'remove',
    {
      summary: 'Remove devices',
      load: () => import('./change/remove.ts'),
      interrupted: 'the device still exists; after --force its I/O may fail',
    },
  ],
  [
    'remove_all',
    {
      summary: 'Remove every device that is not open',
      load: () => import('./change/remove-all.ts'),
      interrupted: '"dmts ls" lists the remaining devices',
    },
  ],
  [
    'message',
    {
      summary: 'Send a message to the target that serves a sector',
      load: () => import('./change/message.ts'),
      interrupted: 'the target may have acted on the message',
    },
  ],
  [
    'wait',
    {
      summary: 'Wait until the event counter of a device differs from EVENT_NR',
      load: () => import('./show/wait.ts'),
      interrupted: AS_IT_WAS,
    },
  ],
  [
    'watch',
    {
      summary: 'Print device events as they happen',
      load: () => import('./show/watch.ts'),
      own: true,
    },
  ],
  [
    'pool',
    {
      summary: 'Create and manage thin pools',
      load: () => import('./pool/commands.ts'),
      own: true,
    },
  ],
  [
    'thin',
    {
      summary: 'Create, snapshot, activate and delete the thin devices of a pool',
      load: () => import('./thin/commands.ts'),
      own: true,
    },
  ],
  [
    'storage',
    {
      summary: "Create, mount, compare and remove layers in Docker's devicemapper storage",
      load: () => import('./storage/commands.ts'),
      own: true,
    },
  ],
  [
    'volume',
    {
      summary: 'Create, clone, import, export and delete volumes: disks of virtual machines',
      load: () => import('./volume/commands.ts'),
      own: true,
    },
  ],
  [
    'splitname',
    {
      summary: 'Split the name of an LVM device into volume group, logical volume and layer',
      load: () => import('./system/splitname.ts'),
    },
  ],
  [
    'udevcookies',
    {
      summary: 'List the semaphores with which programs wait for udev',
      load: () => import('./system/udevcookies.ts'),
    },
  ],
  [
    'completion',
    {
      summary: 'Print a completion script for bash, zsh or fish',
      load: () => import('./system/completion.ts'),
      own: true,
    },
  ],
  [
    'mknodes',
    { summary: 'Update the nodes in /dev/mapper', load: () => import('./system/mknodes.ts') },
  ],
]);
