// What the help of `dmts` and its man pages say about all commands.

import type { Term } from './help/help.ts';
import { ExitStatus } from './support/exit-status.ts';

/** What the program is for. */
export const PURPOSE = 'Drive the Linux device mapper';

/** How a command line names devices. */
export const NAMES =
  "NAME is a device's name, or the path of its node. Most commands take -u UUID, or -j MAJOR -m MINOR, instead.";

/** How close to dmsetup the commands are. */
export const LIKE_DMSETUP =
  'The commands and options that dmts shares with dmsetup work as in dmsetup. Options may precede the command.';

/** The format of sizes. */
export const SIZES =
  'SIZE is a number with a unit: b or none for bytes; s for sectors of 512 bytes; k, m, g, t, p, e, or KiB to EiB, for powers of 1024; kB to EB for powers of 1000. Where a command takes +SIZE, it adds SIZE to the current size. dmts prints sizes in these units.';

/** The unit of tables. */
export const TABLES = 'Starts and lengths in tables are in sectors, as in dmsetup.';

/** The meaning of each exit status. */
export const EXIT_STATUSES: readonly Term[] = [
  [String(ExitStatus.ok), 'done'],
  [String(ExitStatus.failed), 'failed, declined, or a check found differences'],
  [String(ExitStatus.usage), 'wrong usage: the command line or the table is invalid'],
  [
    String(ExitStatus.noDevice),
    'the device, pool, thin device, storage, layer or volume does not exist',
  ],
  [String(ExitStatus.busy), 'it is busy, locked by another process, or exists already'],
  [String(ExitStatus.notPermitted), 'not permitted'],
  [String(ExitStatus.noDeviceMapper), 'no access to the device mapper'],
  [String(ExitStatus.interrupted), 'interrupted (SIGINT)'],
  [String(ExitStatus.terminated), 'terminated (SIGTERM)'],
];

/** The environment variables that dmts reads. */
export const ENVIRONMENT: readonly Term[] = [
  ['DM_DEV_DIR', 'the directory of device nodes, instead of /dev'],
  [
    'DM_DEFAULT_NAME_MANGLING_MODE',
    'auto, hex or none: how unusual characters in names are written',
  ],
  [
    'LC_ALL, LC_CTYPE, LANG',
    'the first variable that is not empty decides whether trees and bars use characters beyond ASCII',
  ],
  [
    'DM_DISABLE_UDEV',
    "if set to any value, dmts does not wait for udev, and tells udev's rules to ignore the devices",
  ],
  ['DM_UDEV_COOKIE', 'the cookie to use; the program that created it waits for udev'],
  [
    'PATH',
    "the directories in which dmts looks for thin_check, mkfs, LVM's programs and others, before /usr/sbin and /sbin",
  ],
  ['DEBUG', 'with dmts:*, dmts prints every request, every reply and stack traces on stderr'],
];

/** Example command lines. */
export const PROGRAM_EXAMPLES: readonly string[] = [
  'dmts ls',
  'dmts create scratch --table "0 2048 zero"',
  'dmts status --json',
  'dmts remove scratch',
];
