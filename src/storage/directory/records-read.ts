// Reads the files of `metadata`. Read-only.

import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt } from '../../ioctl/input/attempt.ts';
import { pause } from '../../ioctl/input/pause.ts';
import { isErrno } from '../../ioctl/libc/errno.ts';
import { isStorageError, StorageError } from '../config/errors.ts';
import {
  BASE,
  checkLayerId,
  DEVICE_SET_FILE,
  idOfRecord,
  type Layout,
  layerNameProblem,
  layerWords,
  TRANSACTION_FILE,
} from './layout.ts';
import { RECORD_MAX, readRecordFile } from './record-file.ts';
import {
  type DeviceSetRecord,
  deviceSetKind,
  type LayerRecord,
  layerKind,
  parseRecord,
  parseSingleFile,
  type RecordKind,
  type TransactionRecord,
  transactionKind,
} from './records.ts';

/** The name of the single file of Docker before 0.12. */
export const SINGLE_FILE = 'json';
/**
 * The longest single file, in bytes: 50,000 layers. Docker before 0.12 wrote the whole file anew at each change, and parsing
 * takes a multiple of this memory.
 */
const SINGLE_FILE_MAX = 8 * 1024 ** 2;
/** This many files are read before other tasks run. */
const AT_ONCE = 200;
/** How often records that another process may be changing are read. */
const TRIES = 3;
const RETRY_MS = 50;

/** Every record of a storage directory, at the time of reading. */
export interface RecordsSeen {
  readonly layers: ReadonlyMap<string, LayerRecord>;
  readonly transaction: TransactionRecord | undefined;
  readonly deviceSet: DeviceSetRecord | undefined;
}

/**
 * Reads every record, without a lock. Another process may be changing them. Each file is whole at any moment; files that
 * contradict each other are read again.
 * @throws StorageError ERR_STORAGE_RECORD, which names the file
 */
export async function readRecords(layout: Layout): Promise<RecordsSeen> {
  for (let tries = 1; ; tries++) {
    try {
      const layers = await readLayers(layout, await namesIn(layout.metadata), { changing: true });
      for (const [id, record] of (await readSingleFile(layout, layers)) ?? []) {
        layers.set(id, record);
      }
      return {
        layers,
        transaction: await readRecord(layout.metadata, TRANSACTION_FILE, transactionKind),
        deviceSet: await readRecord(layout.metadata, DEVICE_SET_FILE, deviceSetKind),
      };
    } catch (error) {
      if (tries === TRIES || !isStorageError(error, 'ERR_STORAGE_RECORD')) throw error;
    }
    await pause(RETRY_MS, undefined);
  }
}

/**
 * The names in a directory. Docker before 0.12 did not have the directory `metadata`.
 * @throws StorageError ERR_STORAGE_RECORD for a file or a link that leads nowhere
 */
export async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const isLink = (await attempt(() => lstat(directory))) !== undefined;
    if (isErrno(error, 'ENOENT') && !isLink) return [];
    throw new StorageError({
      code: 'ERR_STORAGE_RECORD',
      subject: directory,
      problem: `cannot read this directory of records: ${(error as Error).message}`,
      hint: 'Nothing was changed. Restore the directory',
      cause: error,
    });
  }
}

/**
 * Reads the records of layers among the files `names`. With `changing`, a file that has disappeared is skipped.
 * @throws StorageError ERR_STORAGE_RECORD
 */
export async function readLayers(
  layout: Layout,
  names: readonly string[],
  { changing = false }: { readonly changing?: boolean } = {},
): Promise<Map<string, LayerRecord>> {
  const layers = new Map<string, LayerRecord>();
  const buffer = Buffer.alloc(RECORD_MAX + 1);
  const admit = admission(layout, layers);
  for (const [index, name] of names.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate);
    const id = idOfRecord(name);
    if (id === undefined) continue;
    const path = join(layout.metadata, name);
    // Docker skips directories: `metadata` may be a mount point with a directory lost+found. A directory with the name of
    // a record is in the place of that record.
    const skipDirectory = id !== BASE && layerNameProblem(id) !== undefined;
    const text = readRecordFile(path, { buffer, skipDirectory });
    if (text === undefined && !changing && !skipDirectory) throw gone(path);
    if (text === undefined) continue;
    const record = parseRecord(layerKind.parse, path, text);
    admit(path, id, record);
    layers.set(id, record);
  }
  return layers;
}

/**
 * The records in the single file of Docker before 0.12 that are not among `layers`; `undefined` without such a file.
 * @throws StorageError ERR_STORAGE_RECORD
 */
export async function readSingleFile(
  layout: Layout,
  layers: ReadonlyMap<string, LayerRecord>,
): Promise<readonly (readonly [id: string, record: LayerRecord])[] | undefined> {
  const path = join(layout.loop, SINGLE_FILE);
  const text = readRecordFile(path, { max: SINGLE_FILE_MAX });
  if (text === undefined) return undefined;
  const all = parseRecord(parseSingleFile, path, text);
  const admit = admission(layout, layers);
  const missing = [...all].filter(([id]) => !layers.has(id));
  for (const [id, record] of missing) admit(path, id, record);
  return missing;
}

/** Reads the file `name`; `undefined` if it does not exist. @throws StorageError ERR_STORAGE_RECORD */
export async function readRecord<T>(
  directory: string,
  name: string,
  { parse }: RecordKind<T>,
): Promise<T | undefined> {
  const path = join(directory, name);
  const text = readRecordFile(path);
  return text === undefined ? undefined : parseRecord(parse, path, text);
}

/** A function that refuses a record whose id is not a valid layer id, or whose thin device another record names. */
function admission(
  layout: Layout,
  layers: ReadonlyMap<string, LayerRecord>,
): (path: string, id: string, record: LayerRecord) => void {
  const owners = new Map([...layers].map(([id, { deviceId }]) => [deviceId, id]));
  return (path, id, { deviceId }) => {
    if (id !== BASE) refuseName(layout, path, id);
    const other = owners.get(deviceId);
    if (other !== undefined) {
      throw new StorageError({
        code: 'ERR_STORAGE_RECORD',
        subject: path,
        problem: `${layerWords(id)} has thin device ${deviceId}, but ${layerWords(other)} has it as well`,
        hint: 'Nothing was changed. One of the two records belongs to another storage: move it away',
      });
    }
    owners.set(deviceId, id);
  };
}

/** A name in a file must not become a path outside the directory. */
function refuseName(layout: Layout, path: string, id: string): void {
  try {
    checkLayerId(layout, id);
  } catch (error) {
    throw new StorageError({
      code: 'ERR_STORAGE_RECORD',
      subject: path,
      problem: `not a record of this storage: ${(error as Error).message}`,
      hint: 'Nothing was changed. Move the file away if it belongs to another storage',
      cause: error,
    });
  }
}

const gone = (path: string): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_RECORD',
    subject: path,
    problem: 'cannot read this record: it disappeared while the directory was read',
    hint: 'Nothing was changed. Stop the program that changes the directory',
  });
