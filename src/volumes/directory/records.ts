// The records of a directory of volumes: which thin device each volume has, and which thin devices are spare.
//
// A mark makes a thin device spare. A new thin device gets its mark before its creation, and loses it when a record names it. An
// old one gets its mark before its record is removed, and loses it after its deletion. So each thin device of the pool has a
// record, a mark, or both, at every moment. After a crash, the next open deletes the marked ones that no record names.

import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { THIN_ID_MAX } from '../../dm/targets/provisioning/thin.ts';
import {
  DurableDirectory,
  isLeftover,
  whyNotWritten,
} from '../../storage/directory/durable-file.ts';
import { notOurs, readRecords, VOLUMES } from './read-records.ts';
import { formatRecord, type VolumeRecord } from './record.ts';

/** The directory with an empty file for each spare thin device. */
const SPARES = 'spares';
/**
 * New ids are random, in the upper half. Other programs count from 0, so that a spare id is never the id of their thin
 * device.
 */
const FIRST_ID = (THIN_ID_MAX + 1) / 2;

/** The records of the volumes in a directory. */
export class VolumeRecords implements AsyncDisposable {
  readonly #volumes: DurableDirectory;
  readonly #spares: DurableDirectory;
  readonly #records: Map<string, VolumeRecord>;
  readonly #spareIds: Set<number>;
  /** Ids that `newId` does not return. */
  readonly #taken: Set<number>;

  private constructor(
    directories: Readonly<Record<'volumes' | 'spares', DurableDirectory>>,
    records: Map<string, VolumeRecord>,
    spareIds: Set<number>,
  ) {
    this.#volumes = directories.volumes;
    this.#spares = directories.spares;
    this.#records = records;
    this.#spareIds = spareIds;
    this.#taken = new Set(spareIds);
    for (const { id } of records.values()) this.#taken.add(id);
  }

  /**
   * Reads all records. The caller has the lock of the directory.
   * @throws StorageError ERR_STORAGE_RECORD for a file that is not a record, and for two records with one thin device
   */
  static async load(directory: string): Promise<VolumeRecords> {
    const [volumesPath, sparesPath] = [VOLUMES, SPARES].map((name) => join(directory, name));
    await makeDirectory(volumesPath!);
    await makeDirectory(sparesPath!);
    const records = readRecords(directory);
    const spareIds = readSpares(sparesPath!);
    for (const path of [volumesPath!, sparesPath!]) {
      for (const name of readdirSync(path).filter(isLeftover)) await unlink(join(path, name));
    }
    return new VolumeRecords(
      {
        volumes: await DurableDirectory.open(volumesPath!, { reserve: true }),
        spares: await DurableDirectory.open(sparesPath!),
      },
      records,
      spareIds,
    );
  }

  /** The number of thin devices that have a record or are spare. */
  get count(): number {
    return this.#records.size + this.#spareIds.size;
  }

  /** The spare thin devices. */
  get spareIds(): readonly number[] {
    return [...this.#spareIds];
  }

  get(name: string): VolumeRecord | undefined {
    return this.#records.get(name);
  }

  /** The volumes by name, in the order of their names. */
  entries(): readonly (readonly [name: string, record: VolumeRecord])[] {
    return [...this.#records].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The name of the volume with thin device `id`. */
  nameOf(id: number): string | undefined {
    for (const [name, record] of this.#records) if (record.id === id) return name;
    return undefined;
  }

  /** Marks ids of the pool as taken. */
  take(ids: Iterable<number>): void {
    for (const id of ids) this.#taken.add(id);
  }

  /** A new id. It stays taken. */
  newId(): number {
    for (;;) {
      const id = randomInt(FIRST_ID, THIN_ID_MAX + 1);
      if (this.#taken.has(id)) continue;
      this.#taken.add(id);
      return id;
    }
  }

  /** Marks a thin device as spare, durably. */
  async addSpare(id: number): Promise<void> {
    await this.#spares.write(String(id), '');
    this.#spareIds.add(id);
  }

  /** Removes the mark of a thin device that has a record or does not exist. */
  async removeSpare(id: number): Promise<void> {
    await this.#spares.remove(String(id));
    this.#spareIds.delete(id);
  }

  /** Writes the record of a volume, durably. After an error, the old or the new record is there. */
  async write(name: string, record: VolumeRecord): Promise<void> {
    await this.#volumes.write(name, formatRecord(record));
    this.#records.set(name, record);
  }

  /** Removes the record of a volume, durably. */
  async remove(name: string): Promise<void> {
    await this.#volumes.remove(name);
    this.#records.delete(name);
  }

  /** Renames a record, durably. */
  async rename(from: string, to: string): Promise<void> {
    const record = this.#records.get(from)!;
    await this.#volumes.rename(from, to);
    this.#records.delete(from);
    this.#records.set(to, record);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#volumes[Symbol.asyncDispose]();
    await this.#spares[Symbol.asyncDispose]();
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw whyNotWritten(error, path);
  }
}

function readSpares(directory: string): Set<number> {
  const ids = new Set<number>();
  for (const name of readdirSync(directory)) {
    if (isLeftover(name)) continue;
    const id = Number(name);
    if (!/^\d{1,8}$/.test(name) || id < FIRST_ID || id > THIN_ID_MAX)
      throw notOurs(join(directory, name), 'its name is not the id of a spare thin device');
    ids.add(id);
  }
  return ids;
}
