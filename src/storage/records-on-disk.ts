// The files of `metadata`: read all at the start, written one at a time.

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
   * Read every record. Leftovers of writes that did not end are removed; the single file of an old Docker is taken over.
   * @throws StorageError ERR_STORAGE_RECORD that names the file. Then nothing was changed
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

  /** Docker before 0.12 had one file for all. */
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
    return readRecord(this.#directory.path, TRANSACTION_FILE, transactionKind);
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
    return readRecord(this.#directory.path, DEVICE_SET_FILE, deviceSetKind);
  }

  /** Record it. */
  writeDeviceSet(record: DeviceSetRecord): Promise<void> {
    return this.#directory.write(DEVICE_SET_FILE, deviceSetKind.print(record));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
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
