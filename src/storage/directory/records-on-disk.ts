// The files of `metadata`: all are read at open, and each is written on its own.

import { lstat, mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '../config/errors.ts';
import { DurableDirectory, isLeftover, whyNotWritten } from './durable-file.ts';
import { DEVICE_SET_FILE, type Layout, recordName, TRANSACTION_FILE } from './layout.ts';
import {
  type DeviceSetRecord,
  deviceSetKind,
  type LayerRecord,
  layerKind,
  type TransactionRecord,
  transactionKind,
} from './records.ts';
import { readLayers, readRecord, readSingleFile, SINGLE_FILE } from './records-read.ts';

/** What an earlier process or an old Docker left. */
interface Unsettled {
  /** The records of the single file that have no file of their own; `undefined` without a single file. */
  readonly single: readonly (readonly [id: string, record: LayerRecord])[] | undefined;
  /** The paths of temporary files. */
  readonly leftovers: readonly string[];
}

/** The records of a storage directory, in memory and on disk. */
export class Records implements AsyncDisposable {
  readonly #layers: Map<string, LayerRecord>;
  readonly #directory: DurableDirectory;

  #unsettled: Unsettled;

  private constructor(
    directory: DurableDirectory,
    layers: Map<string, LayerRecord>,
    unsettled: Unsettled,
  ) {
    this.#directory = directory;
    this.#layers = layers;
    this.#unsettled = unsettled;
  }

  /**
   * Reads every record, and changes nothing: `settle` does, once the caller knows that the pool matches.
   * @throws StorageError ERR_STORAGE_RECORD, which names the file
   */
  static async load(layout: Layout): Promise<Records> {
    const directory = await DurableDirectory.open(layout.metadata, { reserve: true });
    try {
      const names = await readdir(layout.metadata);
      const leftovers = names.filter(isLeftover).map((name) => join(layout.metadata, name));
      for (const path of leftovers) await refuseDirectory(path);
      const layers = await readLayers(layout, names);
      const single = await readSingleFile(layout, layers);
      for (const [id, record] of single ?? []) layers.set(id, record);
      const records = new Records(directory, layers, { single, leftovers });
      await records.readTransaction();
      await records.readDeviceSet();
      return records;
    } catch (error) {
      await directory[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** There is a single file of Docker before 0.12, which `settle` migrates. */
  get isOld(): boolean {
    return this.#unsettled.single !== undefined;
  }

  /** Removes the temporary files of interrupted writes, and migrates the single file of Docker before 0.12. */
  async settle({ loop }: Pick<Layout, 'loop'>): Promise<void> {
    const { single, leftovers } = this.#unsettled;
    for (const path of leftovers) await unlink(path);
    if (single !== undefined) {
      for (const [id, record] of single) await this.write(id, record);
      await using directory = await DurableDirectory.open(loop);
      await directory.rename(SINGLE_FILE, `${SINGLE_FILE}.migrated`);
    }
    this.#unsettled = { single: undefined, leftovers: [] };
  }

  /** The record of a layer, or of the base device. */
  get(id: string): LayerRecord | undefined {
    return this.#layers.get(id);
  }

  /** Every record, including the base device's. */
  entries(): IterableIterator<[id: string, record: LayerRecord]> {
    return this.#layers.entries();
  }

  /** The number of records, including the base device's. */
  get size(): number {
    return this.#layers.size;
  }

  /** Writes a record durably. */
  async write(id: string, record: LayerRecord): Promise<void> {
    await this.#directory.write(recordName(id), layerKind.print(record));
    this.#layers.set(id, record);
  }

  /** Removes a record, durably. */
  async remove(id: string): Promise<void> {
    await this.#directory.remove(recordName(id));
    this.#layers.delete(id);
  }

  /** The recorded transaction; `undefined` if there is none. @throws StorageError ERR_STORAGE_RECORD */
  readTransaction(): Promise<TransactionRecord | undefined> {
    return readRecord(this.#directory.path, TRANSACTION_FILE, transactionKind);
  }

  /** Writes the intent of a transaction. */
  writeTransaction(record: TransactionRecord): Promise<void> {
    return this.#directory.write(TRANSACTION_FILE, transactionKind.print(record));
  }

  /** Removes the record of the last transaction. */
  removeTransaction(): Promise<void> {
    return this.#directory.remove(TRANSACTION_FILE);
  }

  /**
   * Records that a transaction is rolled back. Without layers the pool's transaction id stays recorded, because nothing
   * else shows that the pool belongs to this storage. An intent with the pool's own id is not pending, for Docker as
   * well.
   */
  rollBackTransaction({ openId, ...intended }: TransactionRecord): Promise<void> {
    if (this.size > 0 || openId <= 1n) return this.removeTransaction();
    return this.writeTransaction({ ...intended, openId: openId - 1n });
  }

  /** The record of all devices. @throws StorageError ERR_STORAGE_RECORD */
  async readDeviceSet(): Promise<DeviceSetRecord | undefined> {
    return readRecord(this.#directory.path, DEVICE_SET_FILE, deviceSetKind);
  }

  /** Writes the record of all devices. */
  writeDeviceSet(record: DeviceSetRecord): Promise<void> {
    return this.#directory.write(DEVICE_SET_FILE, deviceSetKind.print(record));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
  }
}

/** Refuses a directory that has the name of a temporary file. @throws StorageError ERR_STORAGE_RECORD */
async function refuseDirectory(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  throw new StorageError({
    code: 'ERR_STORAGE_RECORD',
    subject: path,
    problem: 'not a temporary file of this storage: expected a file, got a directory',
    hint: 'Nothing was changed. Move the directory away',
  });
}

/** Creates the directories of a storage that do not exist. */
export async function makeDirectories(root: string): Promise<void> {
  const path = join(root, 'metadata');
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw whyNotWritten(error, path);
  }
}
