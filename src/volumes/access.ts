// The access of operations to the volumes: one operation of a volume at a time, and the checks that several of them make.

import { KeyedLock } from '../dm/device/keyed-lock.ts';
import { Operations } from '../storage/layers/operations.ts';
import { VolumeError } from './config/errors.ts';
import type { VolumeRecord } from './directory/record.ts';
import type { OpenedVolumes } from './opened.ts';

/** The access to the volumes of an open directory. */
export class VolumeAccess {
  readonly #state: OpenedVolumes;
  readonly #locks = new KeyedLock();
  readonly #operations: Operations;

  constructor(state: OpenedVolumes) {
    this.#state = state;
    this.#operations = new Operations(state.directory);
  }

  /** Runs `task` without a lock. @throws StorageError ERR_STORAGE_CLOSED */
  runUnlocked<T>(task: () => Promise<T>): Promise<T> {
    return this.#operations.run(task);
  }

  /** Refuses new operations, and waits for the running ones. */
  end(): Promise<void> {
    return this.#operations.end();
  }

  /** Runs `task` while it has the locks of these volumes. */
  run<T>(
    names: readonly string[],
    signal: AbortSignal | undefined,
    task: () => Promise<T>,
  ): Promise<T> {
    const keys = names.map((name) => `volume ${name}`);
    return this.#operations.run(() => this.#locks.run(keys, task, signal));
  }

  /** Runs a task that creates volume `name`. */
  runNew(name: string, signal: AbortSignal | undefined, task: () => Promise<void>): Promise<void> {
    return this.run([name], signal, async () => {
      this.refuseExisting(name);
      await task();
    });
  }

  /** The record of a volume. @throws VolumeError ERR_VOLUME_MISSING */
  get(name: string): VolumeRecord {
    const record = this.#state.records.get(name);
    if (record !== undefined) return record;
    throw new VolumeError({
      code: 'ERR_VOLUME_MISSING',
      subject: `volume "${name}"`,
      problem: `it does not exist in ${this.#state.directory}`,
    });
  }

  /** @throws VolumeError ERR_VOLUME_EXISTS */
  refuseExisting(name: string): void {
    if (this.#state.records.get(name) === undefined) return;
    throw new VolumeError({
      code: 'ERR_VOLUME_EXISTS',
      subject: `volume "${name}"`,
      problem: 'a volume with this name already exists',
    });
  }

  /** @throws VolumeError ERR_VOLUME_ACTIVE */
  async refuseActive(name: string, { id }: VolumeRecord): Promise<void> {
    const device = await this.#state.pool.activeThin(id);
    if (device === undefined) return;
    throw new VolumeError({
      code: 'ERR_VOLUME_ACTIVE',
      subject: `volume "${name}"`,
      problem: `it is active as ${device.name} (${device.path})`,
      hint: 'Deactivate it first, or use that device',
    });
  }
}
