// A storage directory for a look: what is there is shown, whatever state it is in, and nothing is changed.

import { realpath } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { DeviceMapper } from '../dm/device-mapper.ts';
import type { CallOptions } from '../dm/options.ts';
import { attempt } from '../ioctl/attempt.ts';
import { checkFields, isText } from '../ioctl/checks.ts';
import { type PoolState, poolHealth } from '../thin/health.ts';
import { Cleanups } from './cleanups.ts';
import type { Change } from './diff/changes.ts';
import type { DiffOptions } from './diff/pack.ts';
import { liveRecord } from './layer-create.ts';
import { layerChanges, layerDiffSize, layerTar } from './layer-diff.ts';
import { type LayerInfo, type LayerMetadata, layerInfos, layerMetadata } from './layer-info.ts';
import { BASE, checkLayerId, layerWords, layoutOf } from './layout.ts';
import { LookMounts } from './look/mounts.ts';
import { figuresOf, findPool, type PoolLookRequest } from './look/pool.ts';
import { mountedLayers } from './mounts.ts';
import { type OpenViewOptions, STORAGE_UDEV } from './open.ts';
import { Operations } from './operations.ts';
import { checkDiff, OPEN_VIEW } from './option-checks.ts';
import { parseStorageOptions } from './options.ts';
import type { LayerRecord, TransactionRecord } from './records.ts';
import { type RecordsSeen, readRecords } from './records-read.ts';
import { lockHolder } from './root-lock.ts';
import { type StorageStatus, statusItems, storageStatus } from './status.ts';

/** The state of a storage directory that is not opened for changes. Sizes in bytes. */
export interface StorageViewStatus extends StorageStatus {
  /** Whether the pool is active. The figures of one that is not are those of its last commit. */
  readonly poolActive: boolean;
  /** How the pool is. */
  readonly poolState: PoolState;
  /** The process that has the directory open for changes. */
  readonly openedBy: number | undefined;
  /** The change that is under way, or that a process which died has left. The next open for changes rolls it back. */
  readonly pending: TransactionRecord | undefined;
}

interface ViewParts extends PoolLookRequest {
  readonly seen: RecordsSeen;
  readonly mounted: ReadonlySet<string>;
  readonly release: () => Promise<void>;
}

/**
 * Docker's devicemapper storage, read-only. No byte of the directory, of the pool or of its metadata changes, and nothing
 * is left active. Records are shown as they are, of a storage that another process has open, too: as they were when the
 * view was opened. Methods reject with a `StorageError`, a `PoolError` or a `DmError`.
 */
export class StorageView implements AsyncDisposable {
  readonly #parts: ViewParts;
  readonly #mounts: LookMounts;
  readonly #operations: Operations;
  readonly #notices: string[] = [];
  #closed: Promise<void> | undefined;

  private constructor(parts: ViewParts) {
    this.#parts = parts;
    this.#operations = new Operations(parts.layout.root);
    this.#mounts = new LookMounts(parts, (text) => this.#notices.push(text));
  }

  /**
   * Open a storage directory that is there, for a look.
   * @throws StorageError ERR_STORAGE_OPTION, ERR_STORAGE_RECORD; Node's own error where there is no such directory
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

  /** What a look has met that its caller should know, a sentence each. */
  get notices(): readonly string[] {
    return this.#notices;
  }

  /** Whether there is such a layer; one that is deleted as soon as nothing uses it counts, as with Docker. */
  exists(id: string): boolean {
    isText(id, 'id');
    return id !== BASE && this.#parts.seen.layers.has(id);
  }

  /** Every layer that can be used, by id. */
  layers(): readonly LayerInfo[] {
    const { seen, mounted } = this.#parts;
    return layerInfos(seen.layers, (id) => Number(mounted.has(id)));
  }

  /** What `docker inspect` shows of a layer. @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED */
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
   * What a layer changed against `parent`, sorted by path; without one, everything in it. Both are mounted read-only
   * meanwhile, outside the directory, and no other process can open it.
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

  /** The same as a tar, as `DevicemapperStorage` gives it. @throws as `changes` does */
  async diff(id: string, parent?: string, options: DiffOptions = {}): Promise<Readable> {
    checkDiff(id, parent, options);
    this.#live(id);
    if (parent) this.#live(parent);
    return this.#operations.watch([id, parent], layerTar(this.#mounts, id, parent, options));
  }

  /** The bytes of the files that were added and changed, hard links once. @throws as `changes` does */
  async diffSize(id: string, parent?: string, options: CallOptions = {}): Promise<bigint> {
    checkDiff(id, parent, options);
    return this.#operations.run(() => layerDiffSize(this.#mounts, id, parent, options));
  }

  /**
   * The state of the storage and its pool, in bytes.
   * @throws StorageError ERR_STORAGE_POOL when the pool cannot be found
   */
  async state(): Promise<StorageViewStatus> {
    const { dm, layout, options, seen } = this.#parts;
    const found = await findPool(this.#parts);
    const pool = figuresOf(dm, found);
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
      this.#notices.push(`the pool's transaction id is ${id}, and the records name ${openId}`);
    }
    return { ...status, poolActive: found.places === undefined, poolState, openedBy, pending };
  }

  /** The items of `docker info`, in its order and form. */
  async status(): Promise<readonly (readonly [key: string, value: string])[]> {
    return statusItems(await this.state());
  }

  /** Unmount what is mounted, once what is under way has ended. */
  close(): Promise<void> {
    this.#closed ??= this.#operations.end().then(() => this.#parts.release());
    return this.#closed;
  }

  /** Close it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const pendingNotice = ({ openId, hash, deviceId }: TransactionRecord): string =>
  `transaction ${openId} is pending: a process died while it created or deleted ${layerWords(hash)}, thin device ${deviceId}. The next command that changes the storage rolls it back`;
