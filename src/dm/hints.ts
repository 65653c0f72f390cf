// Hints on what to do about an errno, for combinations of command and errno with a clear cause.

import { errnoCode } from '../ioctl/errno.ts';
import type { DmCommand } from './commands.ts';

const ANY_COMMAND: Readonly<Record<string, string>> = {
  ENXIO: 'There is no such device; "dmts ls" lists those there are',
  EACCES: 'The kernel demands CAP_SYS_ADMIN in the initial user namespace',
};

const BY_COMMAND: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  DM_VERSION: {
    ENOTTY: 'The control node is no device: remove it, and it is created anew',
  },
  DM_DEV_CREATE: {
    EBUSY:
      'A device with this name or uuid exists already: "dmts info" shows it, "dmts reload" loads another table',
    ENXIO: 'The minor number is in use',
  },
  DM_DEV_REMOVE: {
    EBUSY:
      'It is open: mounted, mapped by another device, or held by a process. A deferred removal takes it away when the last user has gone',
  },
  DM_DEV_RENAME: {
    EBUSY: 'The new name or uuid is in use',
    EINVAL: 'A uuid can be set once, and never changed',
  },
  DM_TABLE_LOAD: {
    EBUSY: 'One of the devices below is mounted, or claimed by another owner',
  },
};

/** A hint, or `undefined` if the cause is not clear. */
export function hintFor(command: DmCommand, errno: number): string | undefined {
  const code = errnoCode(errno);
  return BY_COMMAND[command.name]?.[code] ?? ANY_COMMAND[code];
}
