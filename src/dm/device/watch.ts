// Device events from one descriptor: arm the control node, list the devices, compare with the previous list, wait until
// the node is readable, repeat. Arming precedes listing, so that an event in between wakes the next wait and no event
// is lost. Source: dm_poll and dev_arm_poll in drivers/md/dm-ioctl.c.

import type { DeviceEntry } from '../reply/device-info.ts';
import { formatTable } from '../text/table.ts';
import { isDmError } from '../wire/errors.ts';
import type { Transport } from '../wire/transport.ts';
import type { DeviceCommands } from './device-commands.ts';

/** An event of a device. */
export type DeviceEvent =
  | {
      /**
       * `'created'` and `'removed'`; `'table'`: the live table was replaced; `'event'`: the event counter has
       * increased, because a target raised an event (a pool is short of space, a mirror lost a leg).
       */
      readonly type: 'created' | 'removed' | 'table' | 'event';
      /** The current state of the device; for `'removed'` its last state. */
      readonly device: DeviceEntry;
    }
  | {
      readonly type: 'renamed';
      readonly device: DeviceEntry;
      /** The previous name. */
      readonly from: string;
    };

/** A device of the list with a fingerprint of its live table. (The table itself may hold keys.) */
interface Seen {
  readonly device: DeviceEntry;
  readonly table: string;
}

type Snapshot = ReadonlyMap<bigint, Seen>;

/**
 * Yields once immediately, and then after each event of any device. An event during an iteration is not lost: another
 * iteration follows. After an abort of `signal` it throws the reason.
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
 * Yields events from now on. After an abort of `signal` it throws the reason.
 * Several changes of one kind between two queries are one event.
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

/** `undefined` for a device that was removed after the list was read. */
async function fingerprint(
  commands: DeviceCommands,
  { dev, name }: DeviceEntry,
): Promise<string | undefined> {
  try {
    const { targets } = await commands.status({ dev, label: name }, 'table', { noFlush: true });
    if (targets.length === 0) return EMPTY_TABLE;
    const { createHash } = await import('node:crypto');
    return createHash('sha256').update(formatTable(targets)).digest('base64');
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return undefined;
    throw error;
  }
}

/** Yields the events that lead from one list to the next. */
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
    // A rename and a new uuid each count as one event.
    const own = (renamed ? 1 : 0) + (old.device.uuid === device.uuid ? 0 : 1);
    if (device.eventNr > old.device.eventNr + own) yield { type: 'event', device };
  }
}

/** The fingerprint of a device without a table. */
export const EMPTY_TABLE = '';

/**
 * Whether another device has reused the device number: the event counter has decreased, the uuid has changed (a uuid
 * is permanent), or the name has changed without the event of a rename.
 */
const isAnother = (old: DeviceEntry, now: DeviceEntry): boolean =>
  now.eventNr < old.eventNr ||
  (old.uuid !== undefined && now.uuid !== old.uuid) ||
  (old.name !== now.name && now.eventNr === old.eventNr);
