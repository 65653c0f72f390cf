// The calls to the device mapper that a fault can meet, and the errnos that the kernel gives for each of them. Source:
// drivers/md/dm-ioctl.c, dm.c, dm-table.c and dm-thin.c of Linux 6.1 to 7.2.

import { dmIoctl } from '../../../src/dm/wire/abi.ts';
import { commandsByNumber, Dm } from '../../../src/dm/wire/commands.ts';
import { DmFlag } from '../../../src/dm/wire/flags.ts';
import type { TransportCall } from '../../../src/index.ts';

/** What any call gives: no memory for the buffer, or a signal in a wait. */
const ANY = ['ENOMEM', 'EINTR'] as const;
/** The device does not exist. */
const OF_DEVICE = [...ANY, 'ENXIO'] as const;
/** The pool refuses every message in its state, or its metadata cannot be read or written. */
const OF_MESSAGE = [...OF_DEVICE, 'EOPNOTSUPP', 'EIO', 'EINVAL', 'ENOSPC', 'EAGAIN'] as const;

/** A call by its effect. A message has its first word. */
export type CallName =
  | 'version'
  | 'list'
  | 'create'
  | 'load'
  | 'suspend'
  | 'resume'
  | 'remove'
  | 'deferred remove'
  | 'clear'
  | 'info'
  | 'status'
  | 'table'
  | 'deps'
  | 'rename'
  | 'versions'
  | 'target version'
  | 'create_thin'
  | 'create_snap'
  | 'delete'
  | 'set_transaction_id'
  | 'reserve_metadata_snap'
  | 'release_metadata_snap'
  | '@cancel_deferred_remove';

/** The errnos of each call. */
export const ERRNOS: Readonly<Record<CallName, readonly string[]>> = {
  version: [...ANY, 'EACCES'],
  list: ANY,
  create: [...ANY, 'EBUSY', 'ENXIO', 'EINVAL'],
  load: [...OF_DEVICE, 'EINVAL', 'EBUSY', 'ENODEV', 'ENODATA', 'EPERM', 'EIO', 'EEXIST'],
  suspend: [...OF_DEVICE, 'EBUSY', 'EIO', 'EINVAL', 'EAGAIN'],
  resume: [...OF_DEVICE, 'EINVAL', 'EIO', 'EPERM'],
  remove: [...OF_DEVICE, 'EBUSY'],
  'deferred remove': [...OF_DEVICE, 'EBUSY'],
  clear: OF_DEVICE,
  info: OF_DEVICE,
  status: [...OF_DEVICE, 'EIO'],
  table: OF_DEVICE,
  deps: OF_DEVICE,
  rename: [...OF_DEVICE, 'EBUSY', 'EINVAL'],
  versions: ANY,
  'target version': [...ANY, 'EINVAL'],
  create_thin: [...OF_MESSAGE, 'EEXIST'],
  create_snap: [...OF_MESSAGE, 'EEXIST', 'ENODATA'],
  delete: [...OF_MESSAGE, 'ENODATA', 'EBUSY'],
  set_transaction_id: OF_MESSAGE,
  reserve_metadata_snap: [...OF_MESSAGE, 'EBUSY'],
  release_metadata_snap: OF_MESSAGE,
  '@cancel_deferred_remove': [...OF_DEVICE, 'EBUSY'],
};

/** Calls that the table of commands does not tell apart, or names differently. */
const PLAIN: Readonly<Record<string, CallName>> = {
  [Dm.VERSION.name]: 'version',
  [Dm.LIST_DEVICES.name]: 'list',
  [Dm.DEV_CREATE.name]: 'create',
  [Dm.TABLE_LOAD.name]: 'load',
  [Dm.TABLE_CLEAR.name]: 'clear',
  [Dm.DEV_STATUS.name]: 'info',
  [Dm.TABLE_DEPS.name]: 'deps',
  [Dm.DEV_RENAME.name]: 'rename',
  [Dm.LIST_VERSIONS.name]: 'versions',
  [Dm.GET_TARGET_VERSION.name]: 'target version',
};

/** The bytes of a message before its text: `struct dm_target_msg`. */
const MESSAGE_HEAD = 8;

/** The name of a call. @throws Error for a call that {@link ERRNOS} lacks */
export function callName({ request, buffer }: TransportCall): CallName {
  const command = commandsByNumber.get(request & 0xff);
  const { flags, dataStart } = dmIoctl.decode(buffer);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const name = ((): string | undefined => {
    switch (command) {
      case Dm.DEV_SUSPEND:
        return has(DmFlag.SUSPEND) ? 'suspend' : 'resume';
      case Dm.DEV_REMOVE:
        return has(DmFlag.DEFERRED_REMOVE) ? 'deferred remove' : 'remove';
      case Dm.TABLE_STATUS:
        return has(DmFlag.STATUS_TABLE) ? 'table' : 'status';
      case Dm.TARGET_MSG:
        return /^[^ \0]*/.exec(buffer.toString('latin1', dataStart + MESSAGE_HEAD))![0];
      default:
        return command && PLAIN[command.name];
    }
  })();
  if (name === undefined || !(name in ERRNOS)) {
    throw new Error(`The table of errnos lacks the call ${name ?? command?.name ?? request}`);
  }
  return name as CallName;
}
