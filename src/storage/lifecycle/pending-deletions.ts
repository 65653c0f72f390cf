// Deferred deletions: layers that were in use when they were removed, deleted when their last holder has gone.

import { setTimeout as sleep } from 'node:timers/promises';
import { logger } from '../../dm/wire/debug.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { BASE, deviceName } from '../directory/layout.ts';
import type { OpenedStorage } from './open.ts';

/** The interval of the attempts. */
const DELETE_EVERY_MS = 30_000;

const log = logger('dmts:storage');

/**
 * Calls `remove` for each layer with a deferred deletion whose device is not open.
 * @throws the error of the first layer that could not be deleted, after all were tried
 */
export async function deletePending(
  storage: OpenedStorage,
  remove: (id: string) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { records, locks } = storage;
  const pending = [...records.entries()].filter(([, { deleted }]) => deleted);
  const failures: unknown[] = [];
  for (const [id] of pending) {
    if (signal?.aborted) break;
    const task = () => deleteIfIdle(storage, id, remove);
    await locks.run([id], task, signal).catch((error) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * Calls `remove` for a layer with a deferred deletion whose device is not open. The caller holds the lock of the layer.
 */
export async function deleteIfIdle(
  storage: OpenedStorage,
  id: string,
  remove: (id: string) => Promise<void>,
): Promise<void> {
  const { records, unproven } = storage;
  if (id === BASE || !records.get(id)?.deleted || unproven.has(id)) return;
  if (!(await isHeld(storage, id))) await remove(id);
}

/** Whether the device of a layer is open. */
async function isHeld({ dm, layout, active }: OpenedStorage, id: string): Promise<boolean> {
  try {
    const { openCount } = await dm.info(deviceName(layout, id));
    active.add(id);
    return openCount > 0;
  } catch (error) {
    if (!isDmError(error, 'ENXIO')) throw error;
    return false;
  }
}

/**
 * Runs `pass` at intervals until `closing` is aborted. Errors only go to the debug log here; `deletePending` reports
 * them to its caller. A process that opens the storage briefly makes one pass, which `opening` can abort.
 */
export async function deleteInTime(
  pass: (signal: AbortSignal | undefined) => Promise<void>,
  signals: { readonly opening: AbortSignal | undefined; readonly closing: AbortSignal },
): Promise<void> {
  const { opening, closing } = signals;
  let during = opening;
  do {
    await pass(during).catch((error: Error) => log?.('not deleted yet: %s', error.message));
    during = closing;
    await untilNextPass(closing);
  } while (!closing.aborted);
}

async function untilNextPass(signal: AbortSignal): Promise<void> {
  try {
    await sleep(DELETE_EVERY_MS, undefined, { signal, ref: false });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
