// The table of device-mapper commands. Source: drivers/md/dm-ioctl.c.

import { io, iowr } from '../../ioctl/struct/request.ts';
import { dmIoctl, type Version } from './abi.ts';
import { DmFlag } from './flags.ts';

const DM_IOCTL = 0xfd;

/** A device-mapper command as data. */
export interface DmCommand {
  /** The kernel's name: `'DM_DEV_CREATE'`. */
  readonly name: string;
  readonly nr: number;
  /** The ioctl request number. */
  readonly request: number;
  /** The lowest interface version with this command. A request requires this version. */
  readonly since: Version;
  /** The flags that a caller may set. */
  readonly flags: number;
  /** Whether the call may sleep for too long to block an event loop. `'event'`: until an event happens. */
  readonly blocks: 'no' | 'io' | 'event';
  /** Whether the command emits a uevent, so that `event_nr` carries flags for udev. */
  readonly uevent: boolean;
  /**
   * The valid part of the reply: only the version, only the header, or a header and a payload
   * of unknown size.
   */
  readonly reply: 'version' | 'header' | 'payload';
  /** Whether the kernel may log the reason of a failure. */
  readonly logsReason: boolean;
}

const DEFAULTS = {
  since: [4, 0, 0],
  flags: 0,
  blocks: 'io',
  uevent: false,
  reply: 'header',
  logsReason: false,
} as const satisfies Partial<DmCommand>;

const command = (
  nr: number,
  name: string,
  traits: Partial<Omit<DmCommand, 'nr' | 'name' | 'request'>> = {},
): DmCommand => ({ ...DEFAULTS, ...traits, nr, name, request: iowr(DM_IOCTL, nr, dmIoctl.size) });

const INACTIVE = DmFlag.QUERY_INACTIVE_TABLE;
const SUSPEND_FLAGS = DmFlag.SUSPEND | DmFlag.SKIP_LOCKFS | DmFlag.NOFLUSH;
const STATUS_FLAGS =
  DmFlag.STATUS_TABLE | DmFlag.IMA_MEASUREMENT | DmFlag.NOFLUSH | INACTIVE | DmFlag.SECURE_DATA;

/** A key of {@link Dm}: the kernel's name of a command without `DM_`. */
export type CommandName =
  | 'VERSION'
  | 'REMOVE_ALL'
  | 'LIST_DEVICES'
  | 'DEV_CREATE'
  | 'DEV_REMOVE'
  | 'DEV_RENAME'
  | 'DEV_SUSPEND'
  | 'DEV_STATUS'
  | 'DEV_WAIT'
  | 'TABLE_LOAD'
  | 'TABLE_CLEAR'
  | 'TABLE_DEPS'
  | 'TABLE_STATUS'
  | 'LIST_VERSIONS'
  | 'TARGET_MSG'
  | 'DEV_SET_GEOMETRY'
  | 'DEV_ARM_POLL'
  | 'GET_TARGET_VERSION';

/** Every command of the control node. */
export const Dm: Readonly<Record<CommandName, DmCommand>> = {
  VERSION: command(0, 'DM_VERSION', { blocks: 'no', reply: 'version' }),
  REMOVE_ALL: command(1, 'DM_REMOVE_ALL', { flags: DmFlag.DEFERRED_REMOVE, reply: 'version' }),
  LIST_DEVICES: command(2, 'DM_LIST_DEVICES', {
    flags: DmFlag.UUID,
    blocks: 'no',
    reply: 'payload',
  }),
  DEV_CREATE: command(3, 'DM_DEV_CREATE', { flags: DmFlag.PERSISTENT_DEV }),
  DEV_REMOVE: command(4, 'DM_DEV_REMOVE', { flags: DmFlag.DEFERRED_REMOVE, uevent: true }),
  DEV_RENAME: command(5, 'DM_DEV_RENAME', { flags: DmFlag.UUID, uevent: true }),
  DEV_SUSPEND: command(6, 'DM_DEV_SUSPEND', {
    flags: SUSPEND_FLAGS,
    uevent: true,
    logsReason: true,
  }),
  DEV_STATUS: command(7, 'DM_DEV_STATUS', { flags: INACTIVE, blocks: 'no' }),
  DEV_WAIT: command(8, 'DM_DEV_WAIT', { flags: STATUS_FLAGS, blocks: 'event', reply: 'payload' }),
  TABLE_LOAD: command(9, 'DM_TABLE_LOAD', {
    flags: DmFlag.READONLY | DmFlag.SECURE_DATA,
    logsReason: true,
  }),
  TABLE_CLEAR: command(10, 'DM_TABLE_CLEAR'),
  TABLE_DEPS: command(11, 'DM_TABLE_DEPS', { flags: INACTIVE, blocks: 'no', reply: 'payload' }),
  TABLE_STATUS: command(12, 'DM_TABLE_STATUS', { flags: STATUS_FLAGS, reply: 'payload' }),
  LIST_VERSIONS: command(13, 'DM_LIST_VERSIONS', {
    since: [4, 1, 0],
    blocks: 'no',
    reply: 'payload',
  }),
  TARGET_MSG: command(14, 'DM_TARGET_MSG', {
    since: [4, 2, 0],
    flags: DmFlag.SECURE_DATA,
    reply: 'payload',
    logsReason: true,
  }),
  DEV_SET_GEOMETRY: command(15, 'DM_DEV_SET_GEOMETRY', { since: [4, 6, 0], reply: 'version' }),
  DEV_ARM_POLL: command(16, 'DM_DEV_ARM_POLL', { since: [4, 36, 0], blocks: 'no' }),
  GET_TARGET_VERSION: command(17, 'DM_GET_TARGET_VERSION', {
    since: [4, 41, 0],
    reply: 'payload',
  }),
};

/** `DM_MPATH_PROBE_PATHS`: an ioctl of the multipath block device itself, without an argument. */
export const DM_MPATH_PROBE_PATHS: number = io(DM_IOCTL, 18);

/** The commands by their numbers. */
export const commandsByNumber: ReadonlyMap<number, DmCommand> = new Map(
  Object.values(Dm).map((command) => [command.nr, command]),
);
