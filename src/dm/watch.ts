// What happens to devices, as it happens, from one descriptor: arm the control node, list, compare with the
// list before, wait until it is readable, and again. Arming comes before listing, so what happens in
// between wakes the next wait, and nothing is lost. Source: dm_poll and dev_arm_poll in drivers/md/dm-ioctl.c.

import { createHash } from 'node:crypto';
import type { DeviceCommands, DeviceEntry } from './device-commands.ts';
import { isDmError } from './errors.ts';
import { formatTable } from './table.ts';
import type { Transport } from './transport.ts';

/** Something that happened to a device. */
export type DeviceEvent =
  | {
      /**
       * `'created'` and `'removed'`; `'table'`: another table serves its I/O; `'event'`: its event counter has
       * gone up, because a target had something to tell (a pool is short of space, a mirror lost a leg).
       */
      readonly type: 'created' | 'removed' | 'table' | 'event';
      /** The device as it is now; one that was removed, as it was last. */
      readonly device: DeviceEntry;
    }
  | {
      readonly type: 'renamed';
      readonly device: DeviceEntry;
      /** The name it had. */
      readonly from: string;
    };

/** A device of the list, and a fingerprint of its live table, which may hold keys. */
interface Seen {
  readonly device: DeviceEntry;
  readonly table: string;
}

type Snapshot = ReadonlyMap<bigint, Seen>;

/**
 * A turn for each time that something has happened to any device, and the first one at once. What happens during a turn
 * is not lost: the next one follows. Ends when `signal` is aborted, by throwing its reason.
 */
export async function* wakeups(
  commands: DeviceCommands,
  transport: Transport,
  signal: AbortSignal | undefined,
): AsyncGenerator<undefined, never, void> {
  for (;;) {
    await commands.armPoll();
    yield;
    await transport.event(signal);
  }
}

/**
 * The events from now on, until `signal` is aborted: then it throws the signal's reason.
 * Several changes of one kind between two looks are one event.
 */
export async function* watchDevices(
  commands: DeviceCommands,
  transport: Transport,
  signal: AbortSignal | undefined,
): AsyncGenerator<DeviceEvent, void, void> {
  let before: Snapshot | undefined;
  for await (const _ of wakeups(commands, transport, signal)) {
    const now = await look(commands);
    if (before !== undefined) yield* differences(before, now);
    before = now;
  }
}

async function look(commands: DeviceCommands): Promise<Snapshot> {
  const devices = await commands.list();
  const seen = new Map<bigint, Seen>();
  for (const device of devices) {
    const table = await fingerprint(commands, device);
    if (table !== undefined) seen.set(device.dev, { device, table });
  }
  return seen;
}

/** `undefined` for a device that has gone since it was listed. */
async function fingerprint(
  commands: DeviceCommands,
  { dev, name }: DeviceEntry,
): Promise<string | undefined> {
  try {
    const { targets } = await commands.status({ dev, label: name }, 'table', { noFlush: true });
    return createHash('sha256').update(formatTable(targets)).digest('base64');
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return undefined;
    throw error;
  }
}

/** What must have happened for one list to become the other. */
export function* differences(before: Snapshot, now: Snapshot): Generator<DeviceEvent, void, void> {
  for (const [dev, { device }] of before) {
    const after = now.get(dev);
    if (after === undefined || isAnother(device, after.device)) yield { type: 'removed', device };
  }
  for (const [dev, seen] of now) {
    const { device, table } = seen;
    const old = before.get(dev);
    if (old === undefined || isAnother(old.device, device)) {
      yield { type: 'created', device };
      if (table !== EMPTY_TABLE) yield { type: 'table', device };
      continue;
    }
    const renamed = old.device.name !== device.name;
    if (renamed) yield { type: 'renamed', device, from: old.device.name };
    if (old.table !== table) yield { type: 'table', device };
    // A rename and a new uuid each count one event of their own.
    const own = (renamed ? 1 : 0) + (old.device.uuid === device.uuid ? 0 : 1);
    if (device.eventNr > old.device.eventNr + own) yield { type: 'event', device };
  }
}

/** The fingerprint of a device without a table. */
export const EMPTY_TABLE: string = createHash('sha256').update('').digest('base64');

/**
 * A number is given out again: the device that has it now is another one if its counter has gone back, if its
 * uuid has changed, which no uuid does, or if its name has without the event that a rename is.
 */
const isAnother = (old: DeviceEntry, now: DeviceEntry): boolean =>
  now.eventNr < old.eventNr ||
  (old.uuid !== undefined && now.uuid !== old.uuid) ||
  (old.name !== now.name && now.eventNr === old.eventNr);
