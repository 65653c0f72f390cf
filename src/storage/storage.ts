// A storage directory as an object, with the operations and the semantics of Docker's graph driver.
// Source: daemon/graphdriver/devmapper of moby.

import type { Readable } from 'node:stream';
import { CALL } from '../dm/option-checks.ts';
import type { CallOptions } from '../dm/options.ts';
import type { Bytes } from '../dm/units.ts';
import { attempt, withCleanup } from '../ioctl/attempt.ts';
import { checkFields, isReadable, isText } from '../ioctl/checks.ts';
import type { AppliedDiff } from './diff/apply.ts';
import type { Change } from './diff/changes.ts';
import { DIFF } from './diff/checks.ts';
import type { DiffOptions } from './diff/pack.ts';
import { completeLayer, createLayer, type LayerRequest, liveRecord } from './layer-create.ts';
import { applyToLayer, layerChanges, layerDiffSize, layerTar } from './layer-diff.ts';
import {
  contentPath,
  finishMount,
  type MountLayerOptions,
  mountLayer,
  removeMountPoint,
} from './layer-mount.ts';
import { BASE, checkLayerId, deviceName } from './layout.ts';
import { mountPoint } from './mounts.ts';
import { type OpenedStorage, type OpenStorageOptions, openStorage } from './open.ts';
import { Operations } from './operations.ts';
import { CREATE, MOUNT, OPEN } from './option-checks.ts';
import { deleteInTime, deletePending } from './pending-deletions.ts';
import type { LayerRecord } from './records.ts';
import { deleteLayer } from './removal.ts';
import { type StorageStatus, statusItems, storageStatus } from './status.ts';
import { takeDown, unmountLast } from './take-down.ts';

/** A layer, as the records tell. */
export interface LayerInfo {
  readonly id: string;
  readonly deviceId: number;
  readonly size: Bytes;
  readonly transactionId: bigint;
  /** How often this process has it mounted. */
  readonly mounts: number;
}

/** What `docker inspect` shows of a layer. */
export interface LayerMetadata {
  readonly DeviceId: string;
  readonly DeviceSize: string;
  readonly DeviceName: string;
}

/** How a layer is created. */
export interface CreateLayerOptions extends LayerRequest {
  /** SELinux label of its mounts by this object, unless `mount` is given another. */
  readonly mountLabel?: string | undefined;
}

/**
 * Docker's devicemapper storage: layers as thin snapshots, in Docker's on-disk format. One process at a time has a
 * directory. Methods reject with a `StorageError`, a `PoolError` or a `DmError`; what they had begun is undone then.
 */
export class DevicemapperStorage implements AsyncDisposable {
  readonly #storage: OpenedStorage;
  readonly #labels = new Map<string, string>();
  readonly #operations: Operations;
  /** Layers that an earlier process has mounted, perhaps not to the end. */
  readonly #inherited: Set<string>;
  readonly #closing = new AbortController();
  readonly #deletions: Promise<void>;
  #closed: Promise<void> | undefined;

  private constructor(storage: OpenedStorage, signal: AbortSignal | undefined) {
    this.#storage = storage;
    this.#operations = new Operations(storage.layout.root);
    this.#inherited = new Set(storage.mounts.ids());
    this.#deletions = deleteInTime((during) => this.#deletePending(during), {
      opening: signal,
      closing: this.#closing.signal,
    });
  }

  /** Run `task` while no other has any of these layers. */
  #run<T>(
    ids: readonly string[],
    task: () => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return this.#operations.run(() => this.#storage.locks.run(ids, task, signal));
  }

  /** The record of a layer that can be used. */
  #live(id: string): LayerRecord {
    checkLayerId(this.#storage.layout, id);
    return liveRecord(this.#storage, id);
  }

  /**
   * Open a storage directory: a new one is set up, and what a process that died left half done is put right.
   * @throws StorageError ERR_STORAGE_OPTION, ERR_STORAGE_LOCKED that names who has it, ERR_STORAGE_RECORD that names a
   * file that is torn or foreign, ERR_STORAGE_POOL and ERR_STORAGE_BASE when this is not the pool of these records
   */
  static async open(options: OpenStorageOptions): Promise<DevicemapperStorage> {
    checkFields(options, OPEN, ['root']);
    return new DevicemapperStorage(await openStorage(options), options.signal);
  }

  /** The directory. */
  get root(): string {
    return this.#storage.layout.root;
  }

  /**
   * Make a layer: a snapshot of `parent`, or of the base device.
   * @throws StorageError ERR_LAYER_ID, ERR_LAYER_EXISTS, ERR_LAYER_MISSING, ERR_LAYER_DELETED, ERR_LAYER_SIZE;
   * PoolError ERR_POOL_FULL when less than `dm.min_free_space` is free
   */
  async create(id: string, request: CreateLayerOptions = {}): Promise<void> {
    isText(id, 'id');
    checkFields(request, CREATE);
    const { mountLabel, ...options } = request;
    checkLayerId(this.#storage.layout, id);
    const { parent = BASE, signal } = options;
    const made = this.#run([id, parent], () => createLayer(this.#storage, id, options), signal);
    // Next in line, and not in the way of others that use the parent: a filesystem that grows takes its time.
    const complete = async () => completeLayer(this.#storage, id, await made, { signal });
    await Promise.all([made, this.#run([id], complete, undefined)]);
    if (mountLabel !== undefined) this.#labels.set(id, mountLabel);
  }

  /**
   * Mount a layer, and give the path of its content. Each call counts; so does a mount that an earlier process left.
   * @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED, ERR_STORAGE_FILESYSTEM with the kernel's reason
   */
  async mount(id: string, options: MountLayerOptions = {}): Promise<string> {
    isText(id, 'id');
    checkFields(options, MOUNT);
    const mountLabel = options.mountLabel ?? this.#labels.get(id);
    await this.#run([id], () => this.#mount(id, { ...options, mountLabel }), options.signal);
    return contentPath(this.#storage.layout, id);
  }

  async #mount(id: string, options: MountLayerOptions): Promise<void> {
    const { mounts, active } = this.#storage;
    const record = this.#live(id);
    if (mounts.of(id) === 0) {
      active.add(id);
      await mountLayer(this.#storage, id, record, options);
    } else if (this.#inherited.has(id)) await finishMount(this.#storage, id);
    this.#inherited.delete(id);
    mounts.add(id, 1);
  }

  /**
   * Take back one `mount`; the last unmounts. One that is not mounted is fine.
   * @throws StorageError ERR_LAYER_BUSY without deferred removal, when something uses its device. The layer is unmounted
   * then, and the next call tries again to let go of the device
   */
  async unmount(id: string, options: CallOptions = {}): Promise<void> {
    isText(id, 'id');
    checkFields(options, CALL);
    const { signal } = options;
    const { layout, mounts } = this.#storage;
    checkLayerId(layout, id);
    await this.#run(
      [id],
      async () => {
        if (mounts.of(id) > 1) mounts.add(id, -1);
        else if (mounts.of(id) === 1 || mounts.held.has(id))
          await unmountLast(this.#storage, id, signal);
      },
      signal,
    );
  }

  /**
   * Remove a layer; one that is not there is fine. One that somebody uses goes with its last user where deferred deletion
   * is on.
   * @throws StorageError ERR_LAYER_BUSY without deferred deletion, with who uses it: then the layer is as it was
   */
  async remove(id: string, options: CallOptions = {}): Promise<void> {
    isText(id, 'id');
    checkFields(options, CALL);
    const { signal } = options;
    checkLayerId(this.#storage.layout, id);
    // Their unmounting needs the layer, too.
    await this.#operations.endOfStreams(id);
    await this.#run([id], () => this.#remove(id, signal), signal);
    this.#labels.delete(id);
  }

  async #remove(id: string, signal: AbortSignal | undefined): Promise<void> {
    const { layout, records, mounts, active } = this.#storage;
    const record = records.get(id);
    if (record === undefined) return;
    const gone = await deleteLayer(this.#storage, id, record, { active: active.has(id), signal });
    if (!gone) return;
    active.delete(id);
    mounts.set(id, 0);
    await removeMountPoint(mountPoint(layout, id));
  }

  /** Whether there is such a layer; one that is deleted as soon as nobody uses it counts, as with Docker. */
  exists(id: string): boolean {
    isText(id, 'id');
    return id !== BASE && this.#storage.records.get(id) !== undefined;
  }

  /** Every layer that can be used, by id. */
  layers(): readonly LayerInfo[] {
    const { records, mounts } = this.#storage;
    return [...records.entries()]
      .filter(([id, { deleted }]) => id !== BASE && !deleted)
      .map(([id, { deviceId, size, transactionId }]) => ({
        id,
        deviceId,
        size,
        transactionId,
        mounts: mounts.of(id),
      }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What `docker inspect` shows of a layer. @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED */
  metadata(id: string): LayerMetadata {
    isText(id, 'id');
    const { deviceId, size } = this.#live(id);
    return {
      DeviceId: String(deviceId),
      DeviceSize: String(size),
      DeviceName: deviceName(this.#storage.layout, id),
    };
  }

  /**
   * What a layer changed against `parent`, sorted by path; without one, everything in it. Both are mounted meanwhile.
   * @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED
   */
  changes(
    id: string,
    parent?: string,
    options: CallOptions = {},
  ): AsyncGenerator<Change, void, void> {
    checkDiff(id, parent, options);
    return layerChanges(this, id, parent, options);
  }

  /**
   * The same as a tar, with the content of what was added and changed, and whiteouts for what was deleted. The layers are
   * mounted until it has been read or destroyed.
   * @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED; the stream's error is a DiffError or Node's own
   */
  async diff(id: string, parent?: string, options: DiffOptions = {}): Promise<Readable> {
    checkDiff(id, parent, options);
    this.#live(id);
    if (parent) this.#live(parent);
    return this.#operations.watch([id, parent], layerTar(this, id, parent, options));
  }

  /** The bytes of the files that were added and changed, hard links once. */
  async diffSize(id: string, parent?: string, options: CallOptions = {}): Promise<bigint> {
    checkDiff(id, parent, options);
    return layerDiffSize(this, id, parent, options);
  }

  /**
   * Unpack a tar, as `diff` gives it, into a layer whose content is that of `parent` so far.
   * @throws DiffError for a tar that is none, or would leave the layer; what came before it is unpacked then
   */
  async apply(
    id: string,
    parent: string | undefined,
    tar: Readable,
    options: DiffOptions = {},
  ): Promise<AppliedDiff> {
    checkDiff(id, parent, options);
    isReadable(tar, 'tar');
    if (parent) this.#live(parent);
    return applyToLayer(this, id, tar, options);
  }

  /** The state of the storage and its pool, in bytes; nothing is written. */
  state(): Promise<StorageStatus> {
    const { external, deviceSet } = this.#storage;
    return storageStatus(this.#storage, { external, filesystem: deviceSet.baseFilesystem });
  }

  /** The items of `docker info`, in its order and form. */
  async status(): Promise<readonly (readonly [key: string, value: string])[]> {
    return statusItems(await this.state());
  }

  /**
   * Try now to delete the layers that somebody used when they were removed.
   * @throws what is in the way of the first that could not be deleted, once all have been tried
   */
  async deletePending(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    return this.#operations.run(() => this.#deletePending(options.signal));
  }

  #deletePending(signal: AbortSignal | undefined): Promise<void> {
    return deletePending(this.#storage, (id) => this.#remove(id, signal), signal);
  }

  /**
   * Let go of the directory, once what is under way has ended. Mounts, devices and the pool stay as they are: another process
   * can go on with them.
   */
  close(): Promise<void> {
    this.#closed ??= this.#end().then(() => this.#release());
    return this.#closed;
  }

  /** Begin nothing any more, and wait for what is under way. */
  async #end(): Promise<void> {
    this.#closing.abort();
    await this.#operations.end();
    await this.#deletions;
  }

  async #release(): Promise<void> {
    const { records, deviceSet, ids, transactions, release } = this.#storage;
    if (ids.last !== deviceSet.nextDeviceId) {
      // Only where the search for a free id begins: which ids are taken is in the records.
      await attempt(() => records.writeDeviceSet({ ...deviceSet, nextDeviceId: ids.last }));
    }
    // What cannot be settled now is when the storage is opened again.
    await attempt(() => transactions.settle());
    await release();
  }

  /**
   * What Docker does when it ends: unmount every layer, let go of every device, take the pool down unless it is somebody
   * else's, and close.
   * @throws StorageError ERR_LAYER_BUSY, PoolError ERR_POOL_BUSY that name who uses what: the first of them, once everything
   * else is taken down and it is closed
   */
  async shutdown(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    this.#closed ??= this.#end().then(() => this.#takeDown(options.signal));
    return this.#closed;
  }

  async #takeDown(signal: AbortSignal | undefined): Promise<void> {
    await withCleanup(
      () => takeDown(this.#storage, signal),
      () => this.#release(),
    );
  }

  /** Close it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function checkDiff(id: string, parent: string | undefined, options: object): void {
  isText(id, 'id');
  if (parent !== undefined) isText(parent, 'parent');
  checkFields(options as DiffOptions, DIFF);
}
