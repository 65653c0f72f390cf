// A thin pool as an object. Each method either completes its change or rejects.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { CALL } from '../../dm/device/option-checks.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { checkThinId } from '../../dm/targets/provisioning/thin.ts';
import { type BytesInput, bytes } from '../../dm/text/units.ts';
import { checkFields, isFunction } from '../../ioctl/input/checks.ts';
import {
  type AutoExtendOptions,
  autoExtend,
  checkRule,
  type Extension,
} from '../backing/auto-extend.ts';
import { type GrowOptions, growData, growMetadata } from '../backing/growth.ts';
import { comparePoolThins, listPoolThins, whileReserved } from '../devices/listing.ts';
import type { DeactivateThinOptions } from '../devices/thin-devices.ts';
import type { PoolHandle } from '../live/handle.ts';
import { poolMessages } from '../live/messenger.ts';
import { openPool } from '../live/suspended.ts';
import type { DeltaItem } from '../metadata/delta.ts';
import type { CompareThinsOptions } from '../metadata/difference.ts';
import type { ThinUsage } from '../metadata/usage.ts';
import {
  type ActivatePoolOptions,
  activatePool,
  type CreatePoolOptions,
  createPool,
} from './activation.ts';
import { deactivatePool } from './deactivation.ts';
import type { OpenLivePoolOptions, OpenPoolOptions } from './options.ts';
import {
  ACTIVATE,
  AUTO_EXTEND,
  COMPARE,
  CREATE,
  checkPool,
  DEACTIVATE,
  EXPECT,
  GROW,
  OPEN_LIVE,
  openOptions,
} from './options.ts';
import { PoolThins } from './pool-thins.ts';

/**
 * An active thin pool, with the methods of {@link PoolThins} and {@link PoolView} as well. Its methods reject with a `PoolError` if the pool's
 * state does not allow the operation, and with a `DmError` for other refusals of the kernel.
 */
export class ThinPool extends PoolThins implements AsyncDisposable {
  /** Whether this object activated the pool. */
  readonly #ours: boolean;

  private constructor(pool: PoolHandle, options: OpenPoolOptions, ours: boolean) {
    super(pool, options);
    this.#ours = ours;
  }

  /**
   * Creates a pool on two block devices or files. Missing files are created.
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
   * Activates an existing pool, with the block size and the length that its metadata records. Nothing is written before
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
   * Opens an active pool. Its table and its state do not change, unless it is the caller's own: see `owned`.
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

  /** Sets the transaction id to `to`. @throws PoolError ERR_POOL_METADATA when it is not `from` */
  async setTransactionId(
    from: bigint | number,
    to: bigint | number,
    options: CallOptions = {},
  ): Promise<void> {
    checkFields(options, CALL);
    await this.send(poolMessages.setTransactionId(from, to), options);
  }

  /**
   * Reserves the metadata snapshot, which tools can read. @throws PoolError ERR_POOL_BUSY when one is reserved already
   */
  async reserveMetadataSnap(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    await this.send(poolMessages.reserveMetadataSnap(), options);
  }

  /** Releases the metadata snapshot. */
  async releaseMetadataSnap(options: CallOptions = {}): Promise<void> {
    checkFields(options, CALL);
    await this.send(poolMessages.releaseMetadataSnap(), options);
  }

  /**
   * Runs `task` with the path of the metadata device while a metadata snapshot is reserved, and always releases it.
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
   * Grows the data to `size` bytes. A size that the metadata cannot describe is refused before any change.
   * @throws PoolError ERR_POOL_SIZE; ERR_POOL_READ_ONLY, ERR_POOL_NEEDS_CHECK, ERR_POOL_METADATA_FULL, ERR_POOL_FAILED
   * for a pool in that state
   */
  async growData(size: BytesInput, options: GrowOptions = {}): Promise<void> {
    const to = bytes(size, 'size');
    checkFields(options, GROW);
    await this.locks.run(['pool'], () => growData(this.pool, to, options), options.signal);
  }

  /**
   * Grows the metadata to `size` bytes.
   * @throws PoolError ERR_POOL_SIZE; ERR_POOL_READ_ONLY, ERR_POOL_NEEDS_CHECK, ERR_POOL_FAILED for a pool in that state
   */
  async growMetadata(size: BytesInput, options: GrowOptions = {}): Promise<void> {
    const to = bytes(size, 'size');
    checkFields(options, GROW);
    await this.locks.run(['pool'], () => growMetadata(this.pool, to, options), options.signal);
  }

  /**
   * Deactivates the pool. Its loop devices are detached with it. Active thin devices keep it active.
   * @throws PoolError ERR_POOL_BUSY with the holders, after `timeoutMs`
   */
  async deactivate(options: DeactivateThinOptions = {}): Promise<void> {
    checkFields(options, DEACTIVATE);
    await deactivatePool(this.pool, options);
  }

  /**
   * Every thin device of the pool, active or not, with its mapped, exclusive and shared blocks. It reads all mappings in a
   * metadata snapshot, and runs no program. `thinDetails` reads only the mapped blocks, and no mappings.
   * @throws PoolError ERR_POOL_METADATA when the metadata is damaged, ERR_POOL_BUSY when a metadata snapshot is reserved
   * already
   */
  thins(options: CallOptions = {}): AsyncGenerator<ThinUsage, void> {
    checkFields(options, CALL);
    return listPoolThins(this.pool, options);
  }

  /**
   * The pool, then the ranges of blocks in which two thin devices differ: `left_only`, `right_only` or `different`. Without
   * `same`, it skips the parts of the trees that the devices share. No program runs.
   * @throws PoolError ERR_THIN_MISSING; as `thins` does
   */
  compare(
    left: number,
    right: number,
    options: CompareThinsOptions = {},
  ): AsyncGenerator<DeltaItem, void> {
    checkThinId(left, 'left');
    checkThinId(right, 'right');
    checkFields(options, COMPARE);
    return comparePoolThins(this.pool, left, right, options);
  }

  /** Grows the pool whenever its usage exceeds the rules, while the generator is read. */
  autoExtend(options: AutoExtendOptions): AsyncGenerator<Extension, void, void> {
    checkFields(options, AUTO_EXTEND);
    for (const what of ['metadata', 'data'] as const) {
      if (options[what] !== undefined) checkRule(what, options[what]);
    }
    return autoExtend(this.pool, options);
  }

  /**
   * Deactivates the pool if this object created or activated it. A pool from `open` stays active.
   * @throws PoolError ERR_POOL_BUSY while a thin device is active
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ours) await this.deactivate();
  }
}
