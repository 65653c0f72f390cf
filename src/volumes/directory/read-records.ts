// Reads the records of volumes. It writes nothing.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '../../storage/config/errors.ts';
import { isLeftover } from '../../storage/directory/durable-file.ts';
import { readRecordFile } from '../../storage/directory/record-file.ts';
import { RESERVE_FILE } from '../../storage/directory/reserve-file.ts';
import { isVolumeName, parseRecord, type VolumeRecord } from './record.ts';

/** The directory of the records. */
export const VOLUMES = 'volumes';

/**
 * Reads the records in a directory of volumes. A temporary file and a file that disappears meanwhile are left out.
 * @throws StorageError ERR_STORAGE_RECORD for a file that is not a record, and for two records with one thin device
 */
export function readRecords(directory: string): Map<string, VolumeRecord> {
  const records = new Map<string, VolumeRecord>();
  const names = new Map<number, string>();
  for (const name of readdirSync(join(directory, VOLUMES))) {
    if (name === RESERVE_FILE || isLeftover(name)) continue;
    const path = join(directory, VOLUMES, name);
    if (!isVolumeName(name)) throw notOurs(path, 'its name cannot be that of a volume');
    const text = readRecordFile(path);
    if (text === undefined) continue;
    const record = parseRecord(path, text);
    const other = names.get(record.id);
    if (other !== undefined)
      throw notOurs(path, `volume "${other}" has the thin device ${record.id} as well`);
    names.set(record.id, name);
    records.set(name, record);
  }
  return records;
}

/** The error for a file that does not belong to the directory. */
export const notOurs = (path: string, problem: string): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_RECORD',
    subject: path,
    problem: `cannot use this file: ${problem}`,
    hint: 'Nothing was changed. Move the file away if it does not belong here',
  });
