// Reads the files of `metadata` one by one, so that a bad file hides no other.

import { isStorageError, type StorageError } from '../config/errors.ts';
import { DEVICE_SET_FILE, type Layout, TRANSACTION_FILE } from '../directory/layout.ts';
import { deviceSetKind, type LayerRecord, transactionKind } from '../directory/records.ts';
import { namesIn, readLayers, readRecord, readSingleFile } from '../directory/records-read.ts';
import type { RecordFacts } from './facts.ts';

/** Reads every record. Read-only. */
export async function gatherRecords(layout: Layout): Promise<RecordFacts> {
  const faults: StorageError[] = [];
  const orFault = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!isStorageError(error, 'ERR_STORAGE_RECORD')) throw error;
      faults.push(error);
      return undefined;
    }
  };
  const names = await namesIn(layout.metadata);
  const layers = new Map<string, LayerRecord>();
  for (const name of names) {
    const read = await orFault(() => readLayers(layout, [name]));
    for (const [id, record] of read ?? []) layers.set(id, record);
  }
  for (const [id, record] of (await orFault(() => readSingleFile(layout, layers))) ?? []) {
    layers.set(id, record);
  }
  const { metadata } = layout;
  return {
    names,
    layers,
    transaction: await orFault(() => readRecord(metadata, TRANSACTION_FILE, transactionKind)),
    deviceSet: await orFault(() => readRecord(metadata, DEVICE_SET_FILE, deviceSetKind)),
    faults,
  };
}
