// A thin pool as an object: what it is asked to do is done for certain, or not at all and said so.

import type { DeviceInfo } from '../dm/device-info.ts';
import type { DeviceMapper } from '../dm/device-mapper.ts';
import { isDmError, reportedOf } from '../dm/errors.ts';
import { KeyedLock } from '../dm/keyed-lock.ts';
import { CALL } from '../dm/option-checks.ts';
import type { CallOptions } from '../dm/options.ts';
import { type ThinStatus, thin } from '../dm/targets/thin.ts';
import { checkThinId } from '../dm/targets/thin-id.ts';
import type { ThinPoolStatus, WorkingThinPool } from '../dm/targets/thin-pool.ts';
import { type BytesInput, bytes, type SectorsInput, sectors } from '../dm/units.ts';
import { checkFields } from '../ioctl/checks.ts';
import { deviceNode } from '../ioctl/device-node.ts';
import {
  type ActivatePoolOptions,
  activatePool,
  type CreatePoolOptions,
  createPool,
} from './activation.ts';
import { type ActiveThin, ActiveThins } from './active-thins.ts';
import { type AutoExtendOptions, autoExtend, checkRule, type Extension } from './auto-extend.ts';
import { readThinDevices, type ThinCensus } from './device-details.ts';
import { PoolError } from './errors.ts';
import { type GrowOptions, growData, growMetadata } from './growth.ts';
import { type PoolHandle, type PoolTable, poolStatus, poolTable } from './handle.ts';
import { type HealthThresholds, type PoolHealth, poolHealth } from './health.ts';
import { holdersHint } from './holders.ts';
import { compareThins, listThins } from './listing.ts';
import { type ChangeOptions, type PoolMessage, poolMessages, sendVerified } from './messenger.ts';
import {
  ACTIVATE,
  ACTIVATE_THIN,
  AUTO_EXTEND,
  CREATE,
  checkChange,
  checkPool,
  DEACTIVATE,
  EXPECT,
  GROW,
  OPEN_LIVE,
  openOptions,
} from './option-checks.ts';
import { checkReserve, type Reserve } from './reserve.ts';
import { takeSnapshot } from './snapshot.ts';
import { refuseSuspended } from './suspended.ts';
import {
  type ActivateThinOptions,
  activateThin,
  type DeactivateThinOptions,
  deactivateThin,
  growThin,
} from './thin-devices.ts';
import type { DeltaItem } from './tool-output/thin-delta.ts';
import type { ListedThin } from './tool-output/thin-ls.ts';
import { type PoolEvent, watchPool } from './watch.ts';

/** How a pool that is live is taken up. */
export interface OpenPoolOptions {
  /** What must be free for new thin devices and snapshots. @default a data block */
  readonly reserve?: Reserve;
  /** When its health is `'low'`. */
  readonly thresholds?: HealthThresholds;
}

/** How a pool that is live, and may be another program's, is taken up. */
export interface OpenLivePoolOptions extends OpenPoolOptions {
  /**
   * The pool is the caller's own, and nothing else changes its table now: one that is suspended is resumed on its live
   * table, and a table that waits is dropped. @default false
   */
  readonly owned?: boolean;
}

/**
 * A live thin pool. Its methods reject with a `PoolError` for what the pool is not in a state to do, and with a
 * `DmError` for what the kernel refuses besides.
 */
export class ThinPool implements AsyncDisposable {
  readonly #pool: PoolHandle;
  readonly #active: ActiveThins;
  readonly #options: OpenPoolOptions;
  readonly #locks = new KeyedLock();
  /** Whether this object has activated the pool. */
  readonly #ours: boolean;

  private constructor(pool: PoolHandle, options: OpenPoolOptions, ours: boolean) {
    this.#pool = pool;
    this.#ours = ours;
    this.#options = options;
    this.#active = new ActiveThins(pool);
  }

  /**
   * Make a new pool on two block devices, or two files, which are made if they are not there.
   * @throws PoolError ERR_POOL_NOT_BLANK when one of them holds data, ERR_POOL_METADATA when LVM has it,
   * ERR_POOL_SIZE when one is too small, ERR_POOL_BUSY for a file that is attached already
   */
  static async create(
    dm: DeviceMapper,
    name: string,
    options: CreatePoolOptions & OpenPoolOptions,
  ): Promise<ThinPool> {
    checkPool(dm, name);
    checkFields(options, CREATE, ['metadata', 'data']);
    const opened = openOptions(options);
    return new ThinPool(await createPool(dm, name, options), opened, true);
  }

  /**
   * Activate a pool that is there, with the block size and the length that its metadata records. Nothing is written
   * before it is certain that this is the right pool.
   * @throws PoolError ERR_POOL_METADATA when the metadata is blank, damaged, something else, of another pool or
   * not what `expect` says; ERR_POOL_BUSY for a file that is attached already
   */
  static async activate(
    dm: DeviceMapper,
    name: string,
    options: ActivatePoolOptions & OpenPoolOptions,
  ): Promise<ThinPool> {
    checkPool(dm, name);
    checkFields(options, ACTIVATE, ['metadata', 'data']);
    if (options.expect !== undefined) checkFields(options.expect, EXPECT, [], 'expect');
    const opened = openOptions(options);
    return new ThinPool(await activatePool(dm, name, options), opened, true);
  }

  /**
   * Take up a pool that is live. Its table and its state stay as they are, unless it is the caller's own: see `owned`.
   * @throws PoolError ERR_POOL_NOT_ACTIVE when there is no such pool, ERR_POOL_SUSPENDED when it is suspended and not
   * `owned`
   */
  static async open(
    dm: DeviceMapper,
    name: string,
    options: OpenLivePoolOptions = {},
  ): Promise<ThinPool> {
    checkPool(dm, name);
    checkFields(options, OPEN_LIVE);
    const opened = openOptions(options);
    const { info } = await poolTable({ dm, name });
    if (info.suspended) {
      if (!options.owned) refuseSuspended(info);
      // A resume swaps in a table that waits.
      if (info.inactive) await dm.clear({ dev: info.dev });
      await dm.resume({ dev: info.dev }, { noFlush: true });
    }
    const { dev, path } = info;
    return new ThinPool({ dm, name, dev, path }, opened, false);
  }

  /** The pool's name. */
  get name(): string {
    return this.#pool.name;
  }

  /** `/dev/dm-N` */
  get path(): string {
    return this.#pool.path;
  }

  /** The status as the kernel has it, without a write. */
  status(): Promise<ThinPoolStatus> {
    return poolStatus(this.#pool);
  }

  /** The live table: length in sectors, block size, devices as `major:minor`, features. */
  table(): Promise<PoolTable> {
    return poolTable(this.#pool);
  }

  /** How it is, and what to do about it. */
  async health(): Promise<PoolHealth> {
    return poolHealth(await this.status(), this.#options.thresholds);
  }

  /**
   * Make thin device `id`, empty.
   * @throws PoolError ERR_THIN_EXISTS; ERR_POOL_FULL when the pool's reserve would be touched
   */
  async createThin(id: number, options: ChangeOptions = {}): Promise<void> {
    checkThinId(id, 'id');
    checkChange(options);
    await this.#gate(options);
    await this.#send(poolMessages.createThin(id), options);
  }

  /**
   * Make thin device `id` a snapshot of `origin`. If that is active it is suspended meanwhile: its filesystem is frozen
   * in a clean state.
   * @throws PoolError ERR_THIN_EXISTS, ERR_THIN_MISSING; ERR_POOL_FULL when the pool's reserve would be touched
   */
  async createSnap(id: number, origin: number, options: ChangeOptions = {}): Promise<void> {
    checkThinId(id, 'id');
    checkThinId(origin, 'origin');
    checkChange(options);
    await this.#gate(options);
    await this.#locks.run(
      [`thin ${origin}`],
      () => takeSnapshot(this.#pool, this.#active, { id, origin }, options),
      options.signal,
    );
  }

  /**
   * Delete thin device `id`. Its blocks are free at once, but stay allocated in a backing file: see `discardThin`.
   * @throws PoolError ERR_THIN_MISSING, ERR_THIN_ACTIVE
   */
  async delete(id: number, options: ChangeOptions = {}): Promise<void> {
    checkThinId(id, 'id');
    checkChange(options);
    await this.#send(poolMessages.delete(id), options);
  }

  /** Move the transaction id on. @throws PoolError ERR_POOL_METADATA when it is not `from` */
  async setTransactionId(
    from: bigint | number,
    to: bigint | number,
    options: CallOptions = {},
  ): Promise<void> {
    checkFields(options, CALL);
    await this.#send(poolMessages.setTransactionId(from, to), options);
  }

  /** Hold a copy of the metadata for tools to read. @throws PoolError ERR_POOL_BUSY when one is held */
  async reserveMetadataSnap(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    await this.#send(poolMessages.reserveMetadataSnap(), options);
  }

  /** Let go of it. */
  async releaseMetadataSnap(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    await this.#send(poolMessages.releaseMetadataSnap(), options);
  }

  /** Activate thin device `id` as a block device. @throws PoolError ERR_THIN_ACTIVE, ERR_THIN_MISSING */
  async activateThin(id: number, options: ActivateThinOptions): Promise<DeviceInfo> {
    checkThinId(id, 'id');
    checkFields(options, ACTIVATE_THIN, ['length']);
    return this.#locks.run(
      [`thin ${id}`],
      () => activateThin(this.#pool, this.#active, id, options),
      options.signal,
    );
  }

  /** Deactivate thin device `id`. @throws PoolError ERR_THIN_BUSY that names who uses it, when time is up */
  async deactivateThin(
    id: number,
    options: DeactivateThinOptions = {},
  ): Promise<{ readonly deferred: boolean }> {
    checkThinId(id, 'id');
    checkFields(options, DEACTIVATE);
    return this.#locks.run(
      [`thin ${id}`],
      () => deactivateThin(this.#pool, this.#active, id, options),
      options.signal,
    );
  }

  /** Grow active thin device `id` to `length` sectors. @throws PoolError ERR_POOL_SIZE when it would shrink */
  async growThin(id: number, length: SectorsInput, options: CallOptions = {}): Promise<DeviceInfo> {
    checkThinId(id, 'id');
    sectors(length, 'length');
    checkFields(options, CALL);
    return this.#locks.run(
      [`thin ${id}`],
      () => growThin(this.#pool, this.#active, id, length, options),
      options.signal,
    );
  }

  /** The thin devices that are active, whoever has activated them. */
  activeThins(): Promise<readonly ActiveThin[]> {
    return this.#active.list();
  }

  /** Sectors that thin device `id` has mapped, and the last of them. @throws PoolError ERR_THIN_MISSING when it is not active */
  async thinStatus(id: number): Promise<ThinStatus> {
    checkThinId(id, 'id');
    const device = await this.#active.find(id);
    if (device === undefined) {
      throw new PoolError({
        code: 'ERR_THIN_MISSING',
        pool: this.name,
        id,
        problem: 'it is not active',
      });
    }
    const { targets } = await this.#pool.dm.status({ dev: device.dev }, { noFlush: true });
    return reportedOf(device.name, () => thin.parseStatus(targets[0]!.params));
  }

  /**
   * Grow the data to `size` bytes. What the metadata cannot describe is refused before anything changes.
   * @throws PoolError ERR_POOL_SIZE; ERR_POOL_READ_ONLY, ERR_POOL_NEEDS_CHECK, ERR_POOL_METADATA_FULL, ERR_POOL_FAILED
   * for a pool in that state
   */
  async growData(size: BytesInput, options: GrowOptions = {}): Promise<void> {
    const to = bytes(size, 'size');
    checkFields(options, GROW);
    await this.#locks.run(['pool'], () => growData(this.#pool, to, options), options.signal);
  }

  /**
   * Grow the metadata to `size` bytes.
   * @throws PoolError ERR_POOL_SIZE; ERR_POOL_READ_ONLY, ERR_POOL_NEEDS_CHECK, ERR_POOL_FAILED for a pool in that state
   */
  async growMetadata(size: BytesInput, options: GrowOptions = {}): Promise<void> {
    const to = bytes(size, 'size');
    checkFields(options, GROW);
    await this.#locks.run(['pool'], () => growMetadata(this.#pool, to, options), options.signal);
  }

  /**
   * Let the pool go; its loop devices go with it. Thin devices that are active keep it.
   * @throws PoolError ERR_POOL_BUSY that names who uses it, when time is up
   */
  async deactivate(options: DeactivateThinOptions = {}): Promise<void> {
    checkFields(options, DEACTIVATE);
    const { timeoutMs = 0, signal } = options;
    const { dm, dev, name } = this.#pool;
    try {
      await dm.remove({ dev }, { retryMs: timeoutMs, signal });
    } catch (error) {
      if (isDmError(error, 'ENXIO')) return;
      if (!isDmError(error, 'EBUSY')) throw error;
      throw new PoolError({
        code: 'ERR_POOL_BUSY',
        pool: name,
        problem: 'it is in use',
        hint: await holdersHint(dev),
        cause: error,
      });
    }
  }

  /**
   * Every thin device of the pool, active or not, with the blocks it maps: by thin-provisioning-tools, from a snapshot of
   * the metadata. Takes as long as reading all mappings does.
   * @throws ToolError, PoolError ERR_POOL_BUSY when a metadata snapshot is held already
   */
  thins(options: CallOptions = {}): AsyncGenerator<ListedThin, void> {
    checkFields(options, CALL);
    return listThins(this.#pool, options);
  }

  /**
   * Every thin device of the pool by its id, active or not, as of the last commit. No program runs, and nothing is written.
   * @throws PoolError ERR_POOL_METADATA for metadata that cannot be read, ERR_POOL_BUSY when it changes all the time
   */
  async thinDetails(options: CallOptions = {}): Promise<ThinCensus> {
    checkFields(options, CALL);
    const { params } = await this.table();
    const device = await deviceNode(params.metadataDevice);
    return readThinDevices({ name: this.name, device }, options);
  }

  /** In which blocks two thin devices differ. @throws PoolError ERR_THIN_MISSING; as `thins` does */
  compare(left: number, right: number, options: CallOptions = {}): AsyncGenerator<DeltaItem, void> {
    checkThinId(left, 'left');
    checkThinId(right, 'right');
    checkFields(options, CALL);
    return compareThins(this.#pool, left, right, options);
  }

  /** What becomes of it: see `PoolEvent`. */
  watch(options: CallOptions = {}): AsyncGenerator<PoolEvent, void, void> {
    checkFields(options, CALL);
    return watchPool(this.#pool, this.#options.thresholds, options);
  }

  /** Grow it whenever it is fuller than the rules allow, for as long as the generator is read. */
  autoExtend(options: AutoExtendOptions): AsyncGenerator<Extension, void, void> {
    checkFields(options, AUTO_EXTEND);
    for (const what of ['metadata', 'data'] as const) {
      if (options[what] !== undefined) checkRule(what, options[what]);
    }
    return autoExtend(this.#pool, options);
  }

  /**
   * Deactivate the pool where this object created or activated it; one that `open` took up stays active.
   * @throws PoolError ERR_POOL_BUSY while a thin device is active
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ours) await this.deactivate();
  }

  async #gate({ useReserve = false }: ChangeOptions): Promise<void> {
    const reserve = useReserve ? undefined : this.#options.reserve;
    checkReserve(this.name, await this.status(), reserve);
  }

  #send(message: PoolMessage, options: ChangeOptions): Promise<WorkingThinPool> {
    return sendVerified(this.#pool, message, options);
  }
}
