// The files of `metadata`: read all at the start, written one at a time.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../ioctl/errno.ts';
import { DurableDirectory, isLeftover, whyNotWritten } from './durable-file.ts';
import { StorageError } from './errors.ts';
import {
  BASE,
  checkLayerId,
  DEVICE_SET_FILE,
  idOfRecord,
  type Layout,
  layerWords,
  recordName,
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

/** The records of a storage directory, in memory and on disk. */
export class Records implements AsyncDisposable {
  readonly #layers = new Map<string, LayerRecord>();
  readonly #directory: DurableDirectory;

  private constructor(directory: DurableDirectory) {
    this.#directory = directory;
  }

  /**
   * Read every record. Leftovers of writes that did not end are removed; the single file of an old Docker is taken over.
   * @throws StorageError ERR_STORAGE_RECORD that names the file. Then nothing was changed
   */
  static async load(layout: Layout): Promise<Records> {
    const directory = await DurableDirectory.open(layout.metadata, { reserve: true });
    try {
      const records = new Records(directory);
      const names = await readdir(layout.metadata);
      await records.#loadLayers(layout, names);
      await records.#takeOver(layout);
      for (const name of names) if (isLeftover(name)) await unlink(join(layout.metadata, name));
      return records;
    } catch (error) {
      await directory[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #loadLayers(layout: Layout, names: readonly string[]): Promise<void> {
    const buffer = Buffer.alloc(RECORD_MAX + 1);
    const admit = this.#admission(layout);
    for (const [index, name] of names.entries()) {
      if (index % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate);
      const id = idOfRecord(name);
      if (id === undefined) continue;
      const path = join(layout.metadata, name);
      const record = parseRecord(layerKind.parse, path, readSmall(path, buffer));
      admit(path, id, record);
      this.#layers.set(id, record);
    }
  }

  /** Docker before 0.12 had one file for all. */
  async #takeOver(layout: Layout): Promise<void> {
    const path = join(layout.loop, OLD_FILE);
    const text = await textOf(path);
    if (text === undefined) return;
    const all = parseRecord(parseSingleFile, path, text);
    const admit = this.#admission(layout);
    const missing = [...all].filter(([id]) => !this.#layers.has(id));
    for (const [id, record] of missing) admit(path, id, record);
    for (const [id, record] of missing) await this.write(id, record);
    await rename(path, `${path}.migrated`);
    await using directory = await DurableDirectory.open(layout.loop);
    await directory.sync();
  }

  /** Refuses a record whose id is no file name of its own, or whose thin device another one has. */
  #admission(layout: Layout): (path: string, id: string, record: LayerRecord) => void {
    const owners = new Map([...this.#layers].map(([id, { deviceId }]) => [deviceId, id]));
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

  /** The record of a layer, or of the base device. */
  get(id: string): LayerRecord | undefined {
    return this.#layers.get(id);
  }

  /** Every record, that of the base device included. */
  entries(): IterableIterator<[id: string, record: LayerRecord]> {
    return this.#layers.entries();
  }

  /** How many there are, that of the base device included. */
  get size(): number {
    return this.#layers.size;
  }

  /** Write a record: durable, and known from then on. */
  async write(id: string, record: LayerRecord): Promise<void> {
    await this.#directory.write(recordName(id), layerKind.print(record));
    this.#layers.set(id, record);
  }

  /** Remove a record, durably. */
  async remove(id: string): Promise<void> {
    await this.#directory.remove(recordName(id));
    this.#layers.delete(id);
  }

  /** What transaction was the last; `undefined` when none is recorded. @throws StorageError ERR_STORAGE_RECORD */
  readTransaction(): Promise<TransactionRecord | undefined> {
    return this.#read(TRANSACTION_FILE, transactionKind);
  }

  /** Record what is about to be done. */
  writeTransaction(record: TransactionRecord): Promise<void> {
    return this.#directory.write(TRANSACTION_FILE, transactionKind.print(record));
  }

  /** Record that nothing is under way. */
  removeTransaction(): Promise<void> {
    return this.#directory.remove(TRANSACTION_FILE);
  }

  /**
   * Record that a transaction is rolled back. Where there are no layers, the pool's transaction id stays recorded: nothing
   * else tells that the pool is ours. Docker and this library read the id of the pool as "nothing is under way".
   */
  rollBackTransaction({ openId, ...intended }: TransactionRecord): Promise<void> {
    if (this.size > 0 || openId <= 1n) return this.removeTransaction();
    return this.writeTransaction({ ...intended, openId: openId - 1n });
  }

  /** What is recorded of all devices. @throws StorageError ERR_STORAGE_RECORD */
  async readDeviceSet(): Promise<DeviceSetRecord | undefined> {
    return this.#read(DEVICE_SET_FILE, deviceSetKind);
  }

  /** Record it. */
  writeDeviceSet(record: DeviceSetRecord): Promise<void> {
    return this.#directory.write(DEVICE_SET_FILE, deviceSetKind.print(record));
  }

  async #read<T>(name: string, { parse }: RecordKind<T>): Promise<T | undefined> {
    const path = join(this.#directory.path, name);
    const text = await textOf(path);
    return text === undefined ? undefined : parseRecord(parse, path, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
  }
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

/** The text of a small file. Not by promises: a few calls for each of thousands of files are quicker done than waited for. */
function readSmall(path: string, buffer: Buffer): string {
  // A FIFO would wait for its writer.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const length = fstatSync(fd).isFile() ? readSync(fd, buffer) : -1;
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

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Make the directories of a storage, where they are not there yet. */
export async function makeDirectories(root: string): Promise<void> {
  const path = join(root, 'metadata');
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw whyNotWritten(error, path);
  }
}
