// The files of `metadata` read, and nothing written.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../ioctl/errno.ts';
import { pause } from '../ioctl/pause.ts';
import { isStorageError, StorageError } from './errors.ts';
import {
  BASE,
  checkLayerId,
  DEVICE_SET_FILE,
  idOfRecord,
  type Layout,
  layerWords,
  TRANSACTION_FILE,
} from './layout.ts';
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

/** No file of ours is longer. */
const RECORD_MAX = 4096;
const OLD_FILE = 'json';
/** So many files are read before others get a turn. */
const AT_ONCE = 200;
/** How often records are read again that another process may be changing. */
const TRIES = 3;
const RETRY_MS = 50;

/** Every record of a storage directory, as it was when it was read. */
export interface RecordsSeen {
  readonly layers: ReadonlyMap<string, LayerRecord>;
  readonly transaction: TransactionRecord | undefined;
  readonly deviceSet: DeviceSetRecord | undefined;
}

/**
 * Read every record without a lock and without a write. Another process may be changing them: each file is whole at every
 * moment, and what contradicts another file is read again.
 * @throws StorageError ERR_STORAGE_RECORD that names the file
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

/** Docker before 0.12 had no such directory. */
async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/**
 * Read the records of layers among the files `names`. With `changing`, a file that is gone by now is left out.
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
    const text = readSmall(path, buffer, changing);
    if (text === undefined) continue;
    const record = parseRecord(layerKind.parse, path, text);
    admit(path, id, record);
    layers.set(id, record);
  }
  return layers;
}

/** The single file of Docker before 0.12. */
export const singleFile = ({ loop }: Layout): string => join(loop, OLD_FILE);

/**
 * The records of the single file of Docker before 0.12 that are not among `layers`; `undefined` where there is no such file.
 * @throws StorageError ERR_STORAGE_RECORD
 */
export async function readSingleFile(
  layout: Layout,
  layers: ReadonlyMap<string, LayerRecord>,
): Promise<readonly (readonly [id: string, record: LayerRecord])[] | undefined> {
  const path = singleFile(layout);
  const text = await textOf(path);
  if (text === undefined) return undefined;
  const all = parseRecord(parseSingleFile, path, text);
  const admit = admission(layout, layers);
  const missing = [...all].filter(([id]) => !layers.has(id));
  for (const [id, record] of missing) admit(path, id, record);
  return missing;
}

/** Read the file `name`; `undefined` where there is none. @throws StorageError ERR_STORAGE_RECORD */
export async function readRecord<T>(
  directory: string,
  name: string,
  { parse }: RecordKind<T>,
): Promise<T | undefined> {
  const path = join(directory, name);
  const text = await textOf(path);
  return text === undefined ? undefined : parseRecord(parse, path, text);
}

/** Refuses a record whose id is no file name of its own, or whose thin device another one has. */
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
        problem: `${layerWords(id)} has thin device ${deviceId}, and so has ${layerWords(other)}`,
        hint: 'Nothing was changed. One of the two does not belong here',
      });
    }
    owners.set(deviceId, id);
  };
}

/** A name from outside must not become a path. */
function refuseName(layout: Layout, path: string, id: string): void {
  try {
    checkLayerId(layout, id);
  } catch (error) {
    throw new StorageError({
      code: 'ERR_STORAGE_RECORD',
      subject: path,
      problem: `not a record of this storage: ${(error as Error).message}`,
      hint: 'Nothing was changed. Move it away if it does not belong here',
      cause: error,
    });
  }
}

/** The text of a small file; `undefined` for a directory. Not by promises: a few calls for each of thousands of files are quicker done than waited for. */
function readSmall(path: string, buffer: Buffer, changing: boolean): string | undefined {
  const fd = openSmall(path, changing);
  if (fd === undefined) return undefined;
  try {
    const found = fstatSync(fd);
    // As Docker does: `metadata` may be a mount point, and have a directory lost+found.
    if (found.isDirectory()) return undefined;
    const length = found.isFile() ? readSync(fd, buffer) : -1;
    if (length >= 0 && length <= RECORD_MAX) return buffer.toString('utf8', 0, length);
  } finally {
    closeSync(fd);
  }
  throw new StorageError({
    code: 'ERR_STORAGE_RECORD',
    subject: path,
    problem: 'not a record of this storage: no small file',
    hint: 'Nothing was changed. Move it away if it does not belong here',
  });
}

function openSmall(path: string, changing: boolean): number | undefined {
  try {
    // A FIFO would wait for its writer.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (changing && isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
