// A storage directory as an object: open, status, close.

import { CALL } from '../dm/device/option-checks.ts';
import type { CallOptions } from '../dm/device/options.ts';
import { attempt, withCleanup } from '../ioctl/input/attempt.ts';
import { checkFields } from '../ioctl/input/checks.ts';
import { poolDevices, type StorageStatus, statusItems, storageStatus } from './layers/status.ts';
import {
  type OpenedStorage,
  type OpenStorageOptions,
  type OpenViewOptions,
  openStorage,
} from './lifecycle/open.ts';
import { deleteInTime } from './lifecycle/pending-deletions.ts';
import { shutDown } from './lifecycle/shut-down.ts';
import { OPEN } from './option-checks.ts';
import { StorageLayers } from './storage-layers.ts';
import { StorageView } from './view.ts';

/**
 * Docker's devicemapper storage: layers as thin snapshots, in Docker's on-disk format. One process at a time can have a
 * directory open. Methods reject with a `StorageError`, a `PoolError` or a `DmError`, and roll back what they began.
 */
export class DevicemapperStorage extends StorageLayers implements AsyncDisposable {
  readonly #closing = new AbortController();
  readonly #deletions: Promise<void>;
  #closed: Promise<void> | undefined;

  private constructor(storage: OpenedStorage, signal: AbortSignal | undefined) {
    super(storage);
    this.#deletions = deleteInTime((during) => this.deletePendingNow(during), {
      opening: signal,
      closing: this.#closing.signal,
    });
  }

  /**
   * Opens a storage directory. A new one is set up. A pending transaction of a process that died is rolled back. With
   * `readOnly` nothing is changed, and the result is a `StorageView`.
   * @throws StorageError ERR_STORAGE_OPTION; ERR_STORAGE_LOCKED, which names the process that has the lock;
   * ERR_STORAGE_RECORD, which names the torn or foreign file; ERR_STORAGE_POOL and ERR_STORAGE_BASE when the pool does
   * not match the records
   */
  static async open(options: OpenViewOptions): Promise<StorageView>;
  static async open(options: OpenStorageOptions): Promise<DevicemapperStorage>;
  static async open(
    options: OpenStorageOptions | OpenViewOptions,
  ): Promise<DevicemapperStorage | StorageView> {
    checkFields<OpenStorageOptions | OpenViewOptions>(options, OPEN, ['root']);
    if (options.readOnly) return StorageView.open(options);
    return new DevicemapperStorage(await openStorage(options), options.signal);
  }

  /** The directory. */
  get root(): string {
    return this.storage.layout.root;
  }

  /** What `open` repaired, and what it found and left unchanged, one sentence each. */
  get notices(): readonly string[] {
    return this.storage.notices;
  }

  /** The state of the storage and its pool. Sizes in bytes. Read-only. */
  status(): Promise<StorageStatus> {
    const { external, deviceSet, pool } = this.storage;
    const usage = {
      name: pool.name,
      table: () => pool.table(),
      status: () => pool.status(),
      devices: async () => poolDevices((await pool.table()).params, external),
    };
    const { baseFilesystem: filesystem } = deviceSet;
    return storageStatus({ ...this.storage, pool: usage, filesystem });
  }

  /** The items of `docker info`, in its order and form. */
  async statusItems(): Promise<readonly (readonly [key: string, value: string])[]> {
    return statusItems(await this.status());
  }

  /**
   * Closes the directory. It waits for running operations, also for calls of `apply`, `changes` and `diffSize`: end or
   * abort a tar that does not end. A stream of `diff` is destroyed. Mounts, devices and the pool stay as they are, and
   * another process can open the directory.
   */
  close(): Promise<void> {
    this.#closed ??= this.#end().then(() => this.#release());
    return this.#closed;
  }

  /** Refuses new operations, and waits for the running ones. */
  async #end(): Promise<void> {
    this.#closing.abort();
    await this.operations.end();
    await this.#deletions;
  }

  async #release(): Promise<void> {
    const { records, deviceSet, ids, transactions, release } = this.storage;
    if (ids.last !== deviceSet.nextDeviceId) {
      // This value only says where the search for a free id begins. The records say which ids are in use.
      await attempt(() => records.writeDeviceSet({ ...deviceSet, nextDeviceId: ids.last }));
    }
    // What cannot be settled now is settled at the next open.
    await attempt(() => transactions.settle());
    await release();
  }

  /**
   * Does what Docker does at exit: unmounts every layer, deactivates every device, deactivates the pool unless it is
   * external, and closes the directory.
   * @throws StorageError ERR_LAYER_BUSY, PoolError ERR_POOL_BUSY, which name the holders: the first failure, after
   * everything else is done and the directory is closed
   */
  async shutdown(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    this.#closed ??= this.#end().then(() => this.#shutDown(options.signal));
    return this.#closed;
  }

  async #shutDown(signal: AbortSignal | undefined): Promise<void> {
    await withCleanup(
      () => shutDown(this.storage, signal),
      () => this.#release(),
    );
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
