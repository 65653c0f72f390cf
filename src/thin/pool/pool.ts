// A thin pool as an object. Each method either completes its change or rejects.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { KeyedLock } from '../../dm/device/keyed-lock.ts';
import { CALL } from '../../dm/device/option-checks.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { checkThinId } from '../../dm/targets/provisioning/thin-id.ts';
import type { WorkingThinPool } from '../../dm/targets/provisioning/thin-pool.ts';
import { type BytesInput, bytes, type SectorsInput, sectors } from '../../dm/text/units.ts';
import { withCleanup } from '../../ioctl/input/attempt.ts';
import { checkFields, isFunction } from '../../ioctl/input/checks.ts';
import {
  type AutoExtendOptions,
  autoExtend,
  checkRule,
  type Extension,
} from '../backing/auto-extend.ts';
import { type GrowOptions, growData, growMetadata } from '../backing/growth.ts';
import {
  checkDiscard,
  DISCARD_INACTIVE,
  type DiscardInactiveOptions,
  discardThin,
} from '../devices/discard.ts';
import { compareThins, listThins, whileReserved } from '../devices/listing.ts';
import { takeSnapshot } from '../devices/snapshot.ts';
import {
  type ActivateThinOptions,
  activateThin,
  type DeactivateThinOptions,
  deactivateThin,
  growThin,
} from '../devices/thin-devices.ts';
import type { PoolHandle } from '../live/handle.ts';
import {
  type ChangeOptions,
  type PoolMessage,
  poolMessages,
  sendVerified,
} from '../live/messenger.ts';
import { checkReserve, type Reserve } from '../live/reserve.ts';
import { openPool } from '../live/suspended.ts';
import type { DeltaItem } from '../tools/thin-delta.ts';
import type { ListedThin } from '../tools/thin-ls.ts';
import {
  type ActivatePoolOptions,
  activatePool,
  type CreatePoolOptions,
  createPool,
} from './activation.ts';
import { deactivatePool } from './deactivation.ts';
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
  viewOptions,
} from './option-checks.ts';
import type { OpenLivePoolOptions, OpenPoolOptions } from './pool-options.ts';
import { PoolView } from './view.ts';

/** How long to wait for programs that open new devices, such as udev. */
const RELEASE_MS = 5000;

/**
 * An active thin pool, with the methods of a {@link PoolView} as well. Its methods reject with a `PoolError` if the pool's
 * state does not allow the operation, and with a `DmError` for other refusals of the kernel.
 */
export class ThinPool extends PoolView implements AsyncDisposable {
  readonly #reserve: Reserve | undefined;
  readonly #locks = new KeyedLock();
  /** Whether this object activated the pool. */
  readonly #ours: boolean;

  private constructor(pool: PoolHandle, options: OpenPoolOptions, ours: boolean) {
    super(pool, viewOptions(options));
    this.#ours = ours;
    this.#reserve = options.reserve;
  }

  /**
   * Create a pool on two block devices or files. Missing files are created.
   * @throws PoolError ERR_POOL_NOT_BLANK when a device has data, ERR_POOL_METADATA when it belongs to an LVM pool,
   * ERR_POOL_SIZE when it is too small, ERR_POOL_BUSY when a file is attached to a loop device already
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
   * Activate an existing pool, with the block size and the length that its metadata records. Nothing is written before
   * the checks pass.
   * @throws PoolError ERR_POOL_METADATA when the metadata is blank, damaged, of another format, of another pool, or
   * contradicts `expect`; ERR_POOL_BUSY when a file is attached to a loop device already
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
   * Open an active pool. Its table and its state do not change, unless it is the caller's own: see `owned`.
   * @throws PoolError ERR_POOL_NOT_ACTIVE when the device does not exist or is not a pool, ERR_POOL_SUSPENDED when it
   * is suspended and not `owned`
   */
  static override async open(
    dm: DeviceMapper,
    name: string,
    options: OpenLivePoolOptions = {},
  ): Promise<ThinPool> {
    checkPool(dm, name);
    checkFields(options, OPEN_LIVE);
    const opened = openOptions(options);
    return new ThinPool(await openPool(dm, name, options), opened, false);
  }

  /**
   * Create an empty thin device `id`.
   * @throws PoolError ERR_THIN_EXISTS; ERR_POOL_FULL when the free space is below the reserve
   */
  async createThin(id: number, options: ChangeOptions = {}): Promise<void> {
    checkThinId(id, 'id');
    checkChange(options);
    await this.#gate(options);
    await this.#send(poolMessages.createThin(id), options);
  }

  /**
   * Create thin device `id` as a snapshot of `origin`. An active origin is suspended meanwhile, with its filesystem
   * frozen in a consistent state.
   * @throws PoolError ERR_THIN_EXISTS, ERR_THIN_MISSING; ERR_POOL_FULL when the free space is below the reserve
   */
  async createSnap(id: number, origin: number, options: ChangeOptions = {}): Promise<void> {
    checkThinId(id, 'id');
    checkThinId(origin, 'origin');
    checkChange(options);
    await this.#gate(options);
    await this.#locks.run(
      [`thin ${origin}`],
      () => takeSnapshot(this.pool, this.active, { id, origin }, options),
      options.signal,
    );
  }

  /**
   * Delete thin device `id`. Its blocks are free at once, but stay allocated in a backing file: see `discardThin`.
   * @throws PoolError ERR_THIN_MISSING, ERR_THIN_ACTIVE
   */
  async deleteThin(id: number, options: ChangeOptions = {}): Promise<void> {
    checkThinId(id, 'id');
    checkChange(options);
    await this.#send(poolMessages.delete(id), options);
  }

  /** Set the transaction id to `to`. @throws PoolError ERR_POOL_METADATA when it is not `from` */
  async setTransactionId(
    from: bigint | number,
    to: bigint | number,
    options: CallOptions = {},
  ): Promise<void> {
    checkFields(options, CALL);
    await this.#send(poolMessages.setTransactionId(from, to), options);
  }

  /**
   * Reserve the metadata snapshot, which tools can read. @throws PoolError ERR_POOL_BUSY when one is reserved already
   */
  async reserveMetadataSnap(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    await this.#send(poolMessages.reserveMetadataSnap(), options);
  }

  /** Release the metadata snapshot. */
  async releaseMetadataSnap(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    await this.#send(poolMessages.releaseMetadataSnap(), options);
  }

  /**
   * Run `task` with the path of the metadata device while a metadata snapshot is reserved, and always release it.
   * @throws the error of `task`; PoolError ERR_POOL_BUSY when one is reserved already
   */
  async withMetadataSnap<T>(
    task: (path: string) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    isFunction(task, 'task');
    checkFields(options, CALL);
    return whileReserved(this.pool, await this.metadataPath(), task, options);
  }

  /**
   * Discard all blocks of inactive thin device `id`, which is active meanwhile. **Its data is lost.**
   * @throws as `activateThin` and {@link discardThin} do
   */
  async discardThin(id: number, options: DiscardInactiveOptions): Promise<void> {
    checkThinId(id, 'id');
    checkFields(options, DISCARD_INACTIVE, ['length']);
    const { length, ...how } = options;
    const { signal } = how;
    checkDiscard(how);
    const { path } = await this.activateThin(id, { length, ...(signal && { signal }) });
    await withCleanup(
      () => discardThin(path, how),
      () => this.deactivateThin(id, { timeoutMs: RELEASE_MS }),
    );
  }

  /** Activate thin device `id` as a block device. @throws PoolError ERR_THIN_ACTIVE, ERR_THIN_MISSING */
  async activateThin(id: number, options: ActivateThinOptions): Promise<DeviceInfo> {
    checkThinId(id, 'id');
    checkFields(options, ACTIVATE_THIN, ['length']);
    return this.#locks.run(
      [`thin ${id}`],
      () => activateThin(this.pool, this.active, id, options),
      options.signal,
    );
  }

  /** Deactivate thin device `id`. @throws PoolError ERR_THIN_BUSY with the holders, after `timeoutMs` */
  async deactivateThin(
    id: number,
    options: DeactivateThinOptions = {},
  ): Promise<{ readonly deferred: boolean }> {
    checkThinId(id, 'id');
    checkFields(options, DEACTIVATE);
    return this.#locks.run(
      [`thin ${id}`],
      () => deactivateThin(this.pool, this.active, id, options),
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
      () => growThin(this.pool, this.active, id, length, options),
      options.signal,
    );
  }

  /**
   * Grow the data to `size` bytes. A size that the metadata cannot describe is refused before any change.
   * @throws PoolError ERR_POOL_SIZE; ERR_POOL_READ_ONLY, ERR_POOL_NEEDS_CHECK, ERR_POOL_METADATA_FULL, ERR_POOL_FAILED
   * for a pool in that state
   */
  async growData(size: BytesInput, options: GrowOptions = {}): Promise<void> {
    const to = bytes(size, 'size');
    checkFields(options, GROW);
    await this.#locks.run(['pool'], () => growData(this.pool, to, options), options.signal);
  }

  /**
   * Grow the metadata to `size` bytes.
   * @throws PoolError ERR_POOL_SIZE; ERR_POOL_READ_ONLY, ERR_POOL_NEEDS_CHECK, ERR_POOL_FAILED for a pool in that state
   */
  async growMetadata(size: BytesInput, options: GrowOptions = {}): Promise<void> {
    const to = bytes(size, 'size');
    checkFields(options, GROW);
    await this.#locks.run(['pool'], () => growMetadata(this.pool, to, options), options.signal);
  }

  /**
   * Deactivate the pool. Its loop devices are detached with it. Active thin devices keep it active.
   * @throws PoolError ERR_POOL_BUSY with the holders, after `timeoutMs`
   */
  async deactivate(options: DeactivateThinOptions = {}): Promise<void> {
    checkFields(options, DEACTIVATE);
    await deactivatePool(this.pool, options);
  }

  /**
   * Every thin device of the pool, active or not, with its mapped blocks. thin-provisioning-tools read a metadata
   * snapshot, which takes as long as reading all mappings.
   * @throws ToolError, PoolError ERR_POOL_BUSY when a metadata snapshot is reserved already
   */
  thins(options: CallOptions = {}): AsyncGenerator<ListedThin, void> {
    checkFields(options, CALL);
    return listThins(this.pool, options);
  }

  /** The ranges in which two thin devices differ. @throws PoolError ERR_THIN_MISSING; as `thins` does */
  compare(left: number, right: number, options: CallOptions = {}): AsyncGenerator<DeltaItem, void> {
    checkThinId(left, 'left');
    checkThinId(right, 'right');
    checkFields(options, CALL);
    return compareThins(this.pool, left, right, options);
  }

  /** Grow the pool whenever its usage exceeds the rules, while the generator is read. */
  autoExtend(options: AutoExtendOptions): AsyncGenerator<Extension, void, void> {
    checkFields(options, AUTO_EXTEND);
    for (const what of ['metadata', 'data'] as const) {
      if (options[what] !== undefined) checkRule(what, options[what]);
    }
    return autoExtend(this.pool, options);
  }

  /**
   * Deactivate the pool if this object created or activated it. A pool from `open` stays active.
   * @throws PoolError ERR_POOL_BUSY while a thin device is active
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ours) await this.deactivate();
  }

  async #gate({ useReserve = false }: ChangeOptions): Promise<void> {
    checkReserve(this.name, await this.status(), useReserve ? undefined : this.#reserve);
  }

  #send(message: PoolMessage, options: ChangeOptions): Promise<WorkingThinPool> {
    return sendVerified(this.pool, message, options);
  }
}
