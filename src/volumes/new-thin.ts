// Creates the thin device of a new volume, and of a volume that is rolled back. See records.ts for the order of the steps.

import { attempt } from '../ioctl/input/attempt.ts';
import { isPoolError } from '../thin/live/errors.ts';
import type { VolumeRecord } from './directory/record.ts';
import { deleteSpare, type VolumeState } from './recover.ts';

/**
 * Creates a thin device and writes the record that names it. If a step fails, the thin device is deleted.
 * @param make creates the thin device, with its content
 */
export async function createWithRecord(
  state: VolumeState,
  name: string,
  { make, size }: Pick<VolumeRecord, 'size'> & { readonly make: (id: number) => Promise<void> },
): Promise<void> {
  const id = await createSpare(state, make);
  await writeOrDelete(state, name, { id, size, created: new Date() });
  // The volume exists: a mark that stays is removed by the next open.
  await attempt(() => state.records.removeSpare(id));
}

/** Creates a spare thin device. If `make` fails, the thin device is deleted. @returns its id */
export async function createSpare(
  state: VolumeState,
  make: (id: number) => Promise<void>,
): Promise<number> {
  const id = state.records.newId();
  await state.records.addSpare(id);
  try {
    await make(id);
  } catch (error) {
    // Another program has created this thin device since the directory was opened.
    const isForeign = isPoolError(error, 'ERR_THIN_EXISTS');
    await attempt(() => (isForeign ? state.records.removeSpare(id) : deleteSpare(state, id)));
    throw error;
  }
  return id;
}

/** Writes the record of a new volume, or deletes its thin device. */
async function writeOrDelete(
  state: VolumeState,
  name: string,
  record: VolumeRecord,
): Promise<void> {
  try {
    await state.records.write(name, record);
  } catch (error) {
    await attempt(async () => {
      // The record may be on disk all the same. While it is, the thin device stays.
      await state.records.remove(name);
      await deleteSpare(state, record.id);
    });
    throw error;
  }
}

/**
 * Gives a volume another thin device, which is spare, and deletes the former one.
 * @param record the present record
 */
export async function replaceThin(
  state: VolumeState,
  name: string,
  record: VolumeRecord,
  next: Pick<VolumeRecord, 'id' | 'size'>,
): Promise<void> {
  const { records } = state;
  try {
    await records.addSpare(record.id);
    await records.write(name, { ...record, ...next });
  } catch (error) {
    await attempt(async () => {
      // The new record may be on disk all the same. While it is, both thin devices stay.
      await records.write(name, record);
      await records.removeSpare(record.id);
      await deleteSpare(state, next.id);
    });
    throw error;
  }
  // The volume has its new content: the next open settles the marks that stay.
  await attempt(() => records.removeSpare(next.id));
  await attempt(() => deleteSpare(state, record.id));
}
