// Hints on what to do about an errno, for each combination of command and errno with a single cause.

import { errnoCode } from '../../ioctl/libc/errno.ts';
import type { DmCommand } from './commands.ts';

const ANY_COMMAND: Readonly<Record<string, string>> = {
  ENXIO: 'No device has this name, uuid or number: "dmts ls" lists all devices',
  EACCES: 'The kernel requires CAP_SYS_ADMIN in the initial user namespace',
};

const BY_COMMAND: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  DM_VERSION: {
    ENOTTY:
      'The control node is not the device mapper: remove it, and the next open creates it again',
  },
  DM_DEV_CREATE: {
    EBUSY:
      'A device with this name or uuid already exists: "dmts info" shows it, "dmts reload" replaces its table',
    ENXIO: 'The minor number is in use: choose another one',
  },
  DM_DEV_REMOVE: {
    EBUSY:
      'It is open: mounted, used by another device, or held by a process. A deferred removal removes it when the last holder closes it',
  },
  DM_DEV_RENAME: {
    EBUSY: 'The new name or uuid is in use: choose another one',
    EINVAL: 'A uuid can be set once and cannot be changed',
  },
  DM_TABLE_LOAD: {
    EBUSY: 'A device in the table is mounted, or another holder has claimed it',
  },
};

/** The hint for a failed command; `undefined` if its errno has several causes. */
export function hintFor(command: DmCommand, errno: number): string | undefined {
  const code = errnoCode(errno);
  return BY_COMMAND[command.name]?.[code] ?? ANY_COMMAND[code];
}
