// A view of a storage directory: it shows the directory in any state, and changes nothing.

import { realpath } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { DeviceMapper } from '../dm/device/device-mapper.ts';
import type { CallOptions } from '../dm/device/options.ts';
import { attempt } from '../ioctl/input/attempt.ts';
import { checkFields, isText } from '../ioctl/input/checks.ts';
import { type PoolState, poolHealth } from '../thin/live/health.ts';
import { parseStorageOptions } from './config/options.ts';
import type { Change } from './diff/changes.ts';
import type { DiffOptions } from './diff/tree/options.ts';
import { BASE, checkLayerId, layerWords, layoutOf } from './directory/layout.ts';
import type { LayerRecord, TransactionRecord } from './directory/records.ts';
import { type RecordsSeen, readRecords } from './directory/records-read.ts';
import { lockHolder } from './directory/root-lock.ts';
import { Cleanups } from './layers/cleanups.ts';
import { liveRecord } from './layers/layer-create.ts';
import { layerChanges, layerDiffSize, layerTar } from './layers/layer-diff.ts';
import {
  type LayerInfo,
  type LayerMetadata,
  layerInfo,
  layerInfos,
  layerMetadata,
} from './layers/layer-info.ts';
import { mountedLayers } from './layers/mount-counts.ts';
import { Operations } from './layers/operations.ts';
import { type StorageStatus, statusItems, storageStatus } from './layers/status.ts';
import type { OpenViewOptions } from './lifecycle/open.ts';
import { STORAGE_UDEV } from './lifecycle/udev.ts';
import { checkDiff, OPEN_VIEW } from './option-checks.ts';
import { ViewMounts } from './view/view-mounts.ts';
import { findPool, usageOf, type ViewPoolRequest } from './view/view-pool.ts';

/** The state of a storage directory as a view shows it. Sizes in bytes. */
export interface StorageViewStatus extends StorageStatus {
  /** Whether the pool is active. The numbers of an inactive pool are those of its last commit. */
  readonly poolActive: boolean;
  /** The health of the pool. */
  readonly poolState: PoolState;
  /** The process id that has the directory open for changes. */
  readonly openedBy: number | undefined;
  /**
   * The pending transaction, of a running process or of one that died. After a crash, the next open for changes rolls
   * it back.
   */
  readonly pending: TransactionRecord | undefined;
}

interface ViewParts extends ViewPoolRequest {
  readonly seen: RecordsSeen;
  readonly mounted: ReadonlySet<string>;
  readonly release: () => Promise<void>;
}

/**
 * Docker's devicemapper storage, read-only. The directory, the pool and its metadata do not change, and nothing stays
 * active. The view shows the records as they were when it was opened, also while another process has the storage open.
 * Methods reject with a `StorageError`, a `PoolError` or a `DmError`.
 */
export class StorageView implements AsyncDisposable {
  readonly #parts: ViewParts;
  readonly #mounts: ViewMounts;
  readonly #operations: Operations;
  readonly #notices: string[] = [];
  #closed: Promise<void> | undefined;

  private constructor(parts: ViewParts) {
    this.#parts = parts;
    this.#operations = new Operations(parts.layout.root);
    this.#mounts = new ViewMounts(parts, (text) => this.#notices.push(text));
  }

  /**
   * Opens a view of an existing storage directory.
   * @throws StorageError ERR_STORAGE_OPTION, ERR_STORAGE_RECORD; Node's own error if the directory does not exist
   */
  static async open(options: Omit<OpenViewOptions, 'readOnly'>): Promise<StorageView> {
    checkFields(options, OPEN_VIEW, ['root']);
    const { root, storageOptions = [], dm: given } = options;
    const parsed = parseStorageOptions(storageOptions);
    const layout = await layoutOf(await realpath(root));
    const seen = await readRecords(layout);
    const mounted = await mountedLayers(layout);
    const cleanups = new Cleanups();
    const dm = given ?? cleanups.use(await DeviceMapper.open({ udev: STORAGE_UDEV }));
    return new StorageView({
      dm,
      layout,
      options: parsed,
      seen,
      mounted,
      release: () => cleanups.run(),
    });
  }

  /** The directory. */
  get root(): string {
    return this.#parts.layout.root;
  }

  /** What the caller of the view should know, one sentence each. */
  get notices(): readonly string[] {
    return this.#notices;
  }

  /** Whether the layer exists. A layer whose deletion is deferred counts, as in Docker. */
  exists(id: string): boolean {
    isText(id, 'id');
    return id !== BASE && this.#parts.seen.layers.has(id);
  }

  /** Every layer that is not deleted, sorted by id. */
  layers(): readonly LayerInfo[] {
    const { seen, mounted } = this.#parts;
    return layerInfos(seen.layers, (id) => Number(mounted.has(id)));
  }

  /** The layer. @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED */
  layer(id: string): LayerInfo {
    isText(id, 'id');
    return layerInfo(id, this.#live(id), Number(this.#parts.mounted.has(id)));
  }

  /** The layer's fields in `docker inspect`. @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED */
  metadata(id: string): LayerMetadata {
    isText(id, 'id');
    return layerMetadata(this.#parts.layout, id, this.#live(id));
  }

  #live(id: string): LayerRecord {
    const { layout, seen } = this.#parts;
    checkLayerId(layout, id);
    return liveRecord({ records: seen.layers }, id);
  }

  /**
   * The changes of a layer since `parent`, sorted by path; without `parent`, all of its content. Both layers are
   * mounted read-only meanwhile, outside the directory, and no other process can open the directory.
   * @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED; ERR_STORAGE_LOCKED while another process has it open
   */
  changes(
    id: string,
    parent?: string,
    options: CallOptions = {},
  ): AsyncGenerator<Change, void, void> {
    checkDiff(id, parent, options);
    return layerChanges(this.#mounts, this.#operations, [id, parent], options);
  }

  /** The changes of a layer as a tar, as `DevicemapperStorage.diff` gives it. @throws as `changes` does */
  async diff(id: string, parent?: string, options: DiffOptions = {}): Promise<Readable> {
    checkDiff(id, parent, options);
    this.#live(id);
    if (parent) this.#live(parent);
    return this.#operations.addStream([id, parent], layerTar(this.#mounts, id, parent, options));
  }

  /**
   * The size of all added and modified files, in bytes. A file with several hard links counts once. @throws as
   * `changes` does
   */
  async diffSize(id: string, parent?: string, options: CallOptions = {}): Promise<bigint> {
    checkDiff(id, parent, options);
    return this.#operations.run(() => layerDiffSize(this.#mounts, id, parent, options));
  }

  /**
   * The state of the storage and its pool. Sizes in bytes.
   * @throws StorageError ERR_STORAGE_POOL when the pool cannot be found
   */
  async status(): Promise<StorageViewStatus> {
    const { dm, layout, options, seen } = this.#parts;
    const found = await findPool(this.#parts);
    const pool = usageOf(dm, found);
    const { layers: records, deviceSet, transaction } = seen;
    const filesystem = deviceSet?.baseFilesystem ?? '';
    const status = await storageStatus({ dm, options, records, pool, filesystem });
    const poolStatus = await pool.status();
    const { state: poolState, advice } = poolHealth(poolStatus);
    if (advice !== undefined) this.#notices.push(`the pool is ${poolState}. ${advice}`);
    const openedBy = await attempt(() => lockHolder(layout.root));
    const { openId } = transaction ?? {};
    const { transactionId: id } = status;
    const pending = openId === id + 1n ? transaction : undefined;
    const known = poolStatus.state === 'working' && openId !== undefined;
    if (openedBy === undefined && pending !== undefined) this.#notices.push(pendingNotice(pending));
    else if (known && pending === undefined && openId !== id) {
      this.#notices.push(`the pool's transaction id is ${id}, but the recorded one is ${openId}`);
    }
    return { ...status, poolActive: found.places === undefined, poolState, openedBy, pending };
  }

  /** The items of `docker info`, in its order and form. */
  async statusItems(): Promise<readonly (readonly [key: string, value: string])[]> {
    return statusItems(await this.status());
  }

  /** Waits for the running operations, and unmounts. */
  close(): Promise<void> {
    this.#closed ??= this.#operations.end().then(() => this.#parts.release());
    return this.#closed;
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const pendingNotice = ({ openId, hash, deviceId }: TransactionRecord): string =>
  `transaction ${openId} is pending: a process died while it created or deleted ${layerWords(hash)}, thin device ${deviceId}. The next command that changes the storage rolls it back`;
