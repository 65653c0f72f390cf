// The files of `metadata`: all are read at open, and each is written on its own.

import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
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
import { readLayers, readRecord, readSingleFile, singleFile } from './records-read.ts';

/** The records of a storage directory, in memory and on disk. */
export class Records implements AsyncDisposable {
  readonly #layers: Map<string, LayerRecord>;
  readonly #directory: DurableDirectory;

  private constructor(directory: DurableDirectory, layers: Map<string, LayerRecord>) {
    this.#directory = directory;
    this.#layers = layers;
  }

  /**
   * Reads every record. Temporary files of interrupted writes are removed, and the single file of an old Docker is
   * migrated.
   * @throws StorageError ERR_STORAGE_RECORD, which names the file; nothing is changed
   */
  static async load(layout: Layout): Promise<Records> {
    const directory = await DurableDirectory.open(layout.metadata, { reserve: true });
    try {
      const names = await readdir(layout.metadata);
      const records = new Records(directory, await readLayers(layout, names));
      await records.#takeOver(layout);
      for (const name of names) if (isLeftover(name)) await unlink(join(layout.metadata, name));
      return records;
    } catch (error) {
      await directory[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Migrates the single file of Docker before 0.12. */
  async #takeOver(layout: Layout): Promise<void> {
    const missing = await readSingleFile(layout, this.#layers);
    if (missing === undefined) return;
    for (const [id, record] of missing) await this.write(id, record);
    const path = singleFile(layout);
    await rename(path, `${path}.migrated`);
    await using directory = await DurableDirectory.open(layout.loop);
    await directory.sync();
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

/** Creates the directories of a storage that do not exist. */
export async function makeDirectories(root: string): Promise<void> {
  const path = join(root, 'metadata');
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw whyNotWritten(error, path);
  }
}
