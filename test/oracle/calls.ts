// Two requests held against each other, byte for byte. What may differ is named here, with the reason; anything
// else is a difference.

import { dmIoctl } from '../../src/dm/wire/abi.ts';
import { commandsByNumber, Dm, type DmCommand } from '../../src/dm/wire/commands.ts';
import { DmFlag } from '../../src/dm/wire/flags.ts';

/** One ioctl: its number, and the whole buffer as it was sent. */
export interface Call {
  readonly request: number;
  readonly bytes: Buffer;
}

/** Who sent it. */
export type Side = 'libdevmapper' | 'dmts';

/** The command of a call. */
export const commandOf = ({ request }: Call): DmCommand | undefined =>
  commandsByNumber.get(request & 0xff);

/** libdevmapper's own use of a bit that the kernel neither sets nor reads. */
const DM_EXISTS_FLAG = 0x4;
/** DM_UDEV_DISABLE_LIBRARY_FALLBACK_FLAG as it stands in `event_nr`. */
const DISABLE_LIBRARY_FALLBACK = 0x20 << 16;
const DEV_MAJOR = 0xfff00n;
/** Target types, and the message, that carry keys. */
const KEYS = /crypt\0|integrity\0|key\s+set/i;

/** Flags that one side sends and the other does not, by command. */
function surplusFlags(side: Side, command: DmCommand | undefined, bytes: Buffer): number {
  if (side === 'dmts') {
    switch (command) {
      // dmsetup asks for uuids from a later version on.
      case Dm.LIST_DEVICES:
        return DmFlag.UUID;
      // Has the kernel wipe its copy of a key. libdevmapper leaves it to its caller, and dmsetup never asks.
      case Dm.TABLE_STATUS:
        return DmFlag.SECURE_DATA;
      case Dm.TABLE_LOAD:
      case Dm.TARGET_MSG:
        return KEYS.test(bytes.toString('latin1')) ? DmFlag.SECURE_DATA : 0;
      default:
        return 0;
    }
  }
  switch (command) {
    case Dm.DEV_CREATE:
      return DM_EXISTS_FLAG;
    // What `remove --force` needed for its resume is still there when it removes; the kernel does not look at it.
    case Dm.DEV_REMOVE:
      return DM_EXISTS_FLAG | DmFlag.PERSISTENT_DEV | DmFlag.NOFLUSH | DmFlag.SKIP_LOCKFS;
    // `create` resumes with the flag of its load, but whether a device is read-only is up to its table.
    case Dm.DEV_SUSPEND:
      return DM_EXISTS_FLAG | DmFlag.PERSISTENT_DEV | DmFlag.READONLY;
    // Set whenever there is a device number; only DM_DEV_CREATE reads it.
    default:
      return DM_EXISTS_FLAG | DmFlag.PERSISTENT_DEV;
  }
}

/**
 * Without what tells libdevmapper, not the kernel and not udev, that nodes are udev's business: we make them where
 * nobody else does. `create` carries it too, where the kernel does not look at `event_nr`.
 */
const withoutFallback = (eventNr: number, command: DmCommand | undefined): number =>
  command?.uevent || command === Dm.DEV_CREATE
    ? (eventNr & ~DISABLE_LIBRARY_FALLBACK) >>> 0
    : eventNr;

/** The request without what may differ. @throws Error when `data_size` is not the size of the buffer */
export function comparable(call: Call, side: Side): Buffer {
  const bytes = Buffer.from(call.bytes);
  const header = dmIoctl.decode(bytes);
  if (header.dataSize !== bytes.length) {
    throw new Error(`${side}: data_size ${header.dataSize} of a buffer of ${bytes.length} bytes`);
  }
  const command = commandOf(call);
  dmIoctl.encodeInto(
    {
      ...header,
      // libdevmapper's buffer is never below 16 KiB; ours is that large only where the reply's size is unknown.
      dataSize: 0,
      flags: (header.flags & ~surplusFlags(side, command, bytes)) >>> 0,
      eventNr: side === 'libdevmapper' ? withoutFallback(header.eventNr, command) : header.eventNr,
      // dmsetup demands a major number beside the minor one; the kernel takes its own, whatever is asked for.
      dev:
        side === 'libdevmapper' && command === Dm.DEV_CREATE ? header.dev & ~DEV_MAJOR : header.dev,
    },
    bytes,
  );
  return bytes;
}

/** Commands with a string at the end of what they carry: its NUL must lie inside the buffer. */
const STRINGS: ReadonlySet<DmCommand | undefined> = new Set([
  Dm.TABLE_LOAD,
  Dm.DEV_RENAME,
  Dm.TARGET_MSG,
  Dm.DEV_SET_GEOMETRY,
]);

/** The two of them, the shorter one filled up with the zeros that lie behind it in the longer one. */
export interface Pair {
  readonly libdevmapper: Buffer;
  readonly dmts: Buffer;
  /** Our buffer ends before what it carries does, zeros or not. */
  readonly short: string | undefined;
}

/** Both sides of a call, comparable. @throws Error when `data_size` is not the size of the buffer */
export function pairOf(libdevmapper: Call, dmts: Call): Pair {
  const theirs = comparable(libdevmapper, 'libdevmapper');
  const ours = comparable(dmts, 'dmts');
  const used = theirs.findLastIndex((byte) => byte !== 0) + 1;
  const isShort = STRINGS.has(commandOf(dmts)) && ours.length <= used;
  const length = Math.max(theirs.length, ours.length);
  const filled = (bytes: Buffer): Buffer =>
    Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
  return {
    libdevmapper: filled(theirs),
    dmts: filled(ours),
    short: isShort ? `dmts: a buffer of ${ours.length} bytes for ${used} and a NUL` : undefined,
  };
}
