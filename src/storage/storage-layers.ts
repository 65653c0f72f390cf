// The layers of an open storage, with the operations and the semantics of Docker's graph driver. Source:
// daemon/graphdriver/devmapper of moby.

import type { Readable } from 'node:stream';
import { CALL } from '../dm/device/option-checks.ts';
import type { CallOptions } from '../dm/device/options.ts';
import { checkFields, isReadable, isText } from '../ioctl/input/checks.ts';
import type { AppliedDiff } from './diff/apply/unpack-tar.ts';
import type { Change } from './diff/changes.ts';
import type { DiffOptions } from './diff/tree/options.ts';
import { BASE, checkLayerId } from './directory/layout.ts';
import { Origins } from './directory/origins.ts';
import type { LayerRecord } from './directory/records.ts';
import {
  type CreateLayerOptions,
  completeLayer,
  createLayer,
  type LayerRequest,
  liveRecord,
} from './layers/layer-create.ts';
import {
  applyToLayer,
  type LayerMounts,
  layerChanges,
  layerDiffSize,
  layerTar,
} from './layers/layer-diff.ts';
import {
  type LayerInfo,
  type LayerMetadata,
  layerInfo,
  layerInfos,
  layerMetadata,
} from './layers/layer-info.ts';
import {
  contentPath,
  finishMount,
  type MountLayerOptions,
  mountLayer,
  removeMountPoint,
} from './layers/layer-mount.ts';
import { mountPoint } from './layers/mount-counts.ts';
import { Operations } from './layers/operations.ts';
import { deleteLayer } from './layers/removal.ts';
import type { OpenedStorage } from './lifecycle/open.ts';
import { deleteIfIdle, deletePending } from './lifecycle/pending-deletions.ts';
import { unprovenError } from './lifecycle/roll-back.ts';
import { unmountLast } from './lifecycle/shut-down.ts';
import { CREATE, checkDiff, MOUNT } from './option-checks.ts';

/** The layers of a {@link DevicemapperStorage}. */
export abstract class StorageLayers {
  protected readonly storage: OpenedStorage;
  protected readonly operations: Operations;
  readonly #labels = new Map<string, string>();
  readonly #origins = new Origins();
  /** For operations that `close` already waits for. They must still be able to unmount what they mounted. */
  readonly #mounts: LayerMounts = {
    mount: (id, options = {}) => this.#mountInTurn(id, options),
    unmount: (id, options = {}) => this.#unmountInTurn(id, options),
  };
  /** Layers that an earlier process mounted, perhaps incompletely. */
  readonly #inherited: Set<string>;

  protected constructor(storage: OpenedStorage) {
    this.storage = storage;
    this.operations = new Operations(storage.layout.root);
    this.#inherited = new Set(storage.mounts.ids());
  }

  /** Runs `task` while it has the locks of these layers. */
  #run<T>(
    ids: readonly string[],
    task: () => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return this.operations.run(() => this.storage.locks.run(ids, task, signal));
  }

  /**
   * The record of a layer that is not deleted. @throws StorageError ERR_LAYER_ID, ERR_LAYER_MISSING, ERR_LAYER_DELETED
   */
  #live(id: string): LayerRecord {
    checkLayerId(this.storage.layout, id);
    return liveRecord(this.storage, id);
  }

  /**
   * Creates a layer: a snapshot of `parent`, or of the base device.
   * @throws StorageError ERR_LAYER_ID, ERR_LAYER_EXISTS, ERR_LAYER_MISSING, ERR_LAYER_DELETED, ERR_LAYER_SIZE;
   * PoolError ERR_POOL_FULL when less than `dm.min_free_space` is free
   */
  async create(id: string, request: CreateLayerOptions = {}): Promise<void> {
    isText(id, 'id');
    checkFields(request, CREATE);
    const { mountLabel, ...options } = request;
    checkLayerId(this.storage.layout, id);
    const { parent = BASE, signal } = options;
    const made = this.#run([id, parent], () => this.#createFrom(parent, id, options), signal);
    // Growing the filesystem takes long. It needs the lock of the layer only, so other users of the parent do not wait.
    const complete = async () => completeLayer(this.storage, id, await made, { signal });
    await Promise.all([made, this.#run([id], complete, undefined)]);
    if (mountLabel !== undefined) this.#labels.set(id, mountLabel);
  }

  async #createFrom(parent: string, id: string, options: LayerRequest): Promise<LayerRecord> {
    // A removed layer with this id may have lost its last holder.
    await deleteIfIdle(this.storage, id, (one) => this.#remove(one, options.signal));
    const time = BigInt(Date.now()) * 1_000_000n;
    const record = await createLayer(this.storage, id, options);
    const origin = this.storage.records.get(parent);
    if (origin) this.#origins.add(record, origin, time);
    return record;
  }

  /** The time at which two layers diverged, if this process knows it. */
  #snapshotTime(id: string, parent: string | undefined): bigint | undefined {
    const { records } = this.storage;
    const [one, other] = [records.get(id), parent ? records.get(parent) : undefined];
    return one && other && this.#origins.snapshotTime(one, other);
  }

  /**
   * Mounts a layer. Mounts are counted; a mount that an earlier process left counts as one.
   * @returns the path of its content
   * @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED, ERR_STORAGE_FILESYSTEM with the kernel's reason
   */
  async mount(id: string, options: MountLayerOptions = {}): Promise<string> {
    isText(id, 'id');
    checkFields(options, MOUNT);
    return this.operations.run(() => this.#mounts.mount(id, options));
  }

  async #mountInTurn(id: string, options: MountLayerOptions): Promise<string> {
    const mountLabel = options.mountLabel ?? this.#labels.get(id);
    const mount = () => this.#mount(id, { ...options, mountLabel });
    await this.storage.locks.run([id], mount, options.signal);
    return contentPath(this.storage.layout, id);
  }

  async #mount(id: string, options: MountLayerOptions): Promise<void> {
    const { mounts, active } = this.storage;
    const record = this.#live(id);
    if (mounts.of(id) === 0) {
      active.add(id);
      await mountLayer(this.storage, id, record, options);
    } else if (this.#inherited.has(id)) await finishMount(this.storage, id);
    this.#inherited.delete(id);
    mounts.add(id, 1);
  }

  /**
   * Undoes one `mount`. The last call unmounts the layer. A layer that is not mounted is not an error.
   * @throws StorageError ERR_LAYER_BUSY without deferred removal, when a holder keeps the layer's device. The layer is
   * unmounted all the same, and the next call tries again to deactivate the device
   */
  async unmount(id: string, options: CallOptions = {}): Promise<void> {
    isText(id, 'id');
    checkFields(options, CALL);
    await this.operations.run(() => this.#mounts.unmount(id, options));
  }

  async #unmountInTurn(id: string, { signal }: CallOptions): Promise<void> {
    const { layout, mounts } = this.storage;
    checkLayerId(layout, id);
    await this.storage.locks.run(
      [id],
      async () => {
        if (mounts.of(id) > 1) mounts.add(id, -1);
        else if (mounts.of(id) === 1 || mounts.held.has(id))
          await unmountLast(this.storage, id, signal);
      },
      signal,
    );
  }

  /**
   * Removes a layer. A layer that does not exist is not an error. With deferred deletion, a layer that is in use is
   * deleted when its last holder has gone.
   * @throws StorageError ERR_LAYER_BUSY without deferred deletion, with the holders. The layer is unchanged
   */
  async remove(id: string, options: CallOptions = {}): Promise<void> {
    isText(id, 'id');
    checkFields(options, CALL);
    const { signal } = options;
    checkLayerId(this.storage.layout, id);
    // Ending streams still unmount the layer.
    await this.operations.endOfStreams(id);
    await this.#run([id], () => this.#remove(id, signal), signal);
    this.#labels.delete(id);
  }

  async #remove(id: string, signal: AbortSignal | undefined): Promise<void> {
    const { layout, records, mounts, active, unproven } = this.storage;
    const record = records.get(id);
    if (record === undefined) return;
    if (unproven.has(id)) throw unprovenError(id, record);
    const gone = await deleteLayer(this.storage, id, record, { active: active.has(id), signal });
    if (!gone) return;
    this.#origins.forget(record);
    active.delete(id);
    mounts.set(id, 0);
    await removeMountPoint(mountPoint(layout, id));
  }

  /** Whether the layer exists. A layer whose deletion is deferred counts, as in Docker. */
  exists(id: string): boolean {
    isText(id, 'id');
    return id !== BASE && this.storage.records.get(id) !== undefined;
  }

  /** Every layer that is not deleted, sorted by id. */
  layers(): readonly LayerInfo[] {
    const { records, mounts } = this.storage;
    return layerInfos(records.entries(), (id) => mounts.of(id));
  }

  /** The layer. @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED */
  layer(id: string): LayerInfo {
    isText(id, 'id');
    return layerInfo(id, this.#live(id), this.storage.mounts.of(id));
  }

  /** The layer's fields in `docker inspect`. @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED */
  metadata(id: string): LayerMetadata {
    isText(id, 'id');
    return layerMetadata(this.storage.layout, id, this.#live(id));
  }

  /**
   * The changes of a layer since `parent`, sorted by path; without `parent`, all of its content. Both layers stay
   * mounted until all changes are found.
   * @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED
   */
  changes(
    id: string,
    parent?: string,
    options: CallOptions = {},
  ): AsyncGenerator<Change, void, void> {
    checkDiff(id, parent, options);
    return layerChanges(this.#mounts, this.operations, [id, parent], {
      ...options,
      snapshotTime: this.#snapshotTime(id, parent),
    });
  }

  /**
   * The changes of a layer as a tar, with the content of added and modified files and a whiteout for each deleted one.
   * The layers stay mounted until the stream is read to its end or destroyed.
   * @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED; the stream fails with a DiffError or Node's own error
   */
  async diff(id: string, parent?: string, options: DiffOptions = {}): Promise<Readable> {
    checkDiff(id, parent, options);
    this.#live(id);
    if (parent) this.#live(parent);
    const all = { ...options, snapshotTime: this.#snapshotTime(id, parent) };
    return this.operations.addStream([id, parent], layerTar(this.#mounts, id, parent, all));
  }

  /** The size of all added and modified files, in bytes. A file with several hard links counts once. */
  async diffSize(id: string, parent?: string, options: CallOptions = {}): Promise<bigint> {
    checkDiff(id, parent, options);
    const all = { ...options, snapshotTime: this.#snapshotTime(id, parent) };
    return this.operations.run(() => layerDiffSize(this.#mounts, id, parent, all));
  }

  /**
   * Unpacks a tar of `diff` into a layer that still has the content of `parent`.
   * @throws DiffError when the stream is not a tar or an entry would leave the layer. The entries before it stay
   * unpacked
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
    return this.operations.run(() => applyToLayer(this.#mounts, id, tar, options));
  }

  /**
   * Tries now to delete the layers that were in use when they were removed.
   * @throws the error of the first layer that could not be deleted, after all were tried
   */
  async deletePending(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    return this.operations.run(() => this.deletePendingNow(options.signal));
  }

  /** The same for a caller that holds the storage open. */
  protected deletePendingNow(signal: AbortSignal | undefined): Promise<void> {
    return deletePending(this.storage, (id) => this.#remove(id, signal), signal);
  }
}
