// The thin devices of an active pool: create, snapshot, activate, delete.

import { KeyedLock } from '../../dm/device/keyed-lock.ts';
import { CALL } from '../../dm/device/option-checks.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { checkThinId } from '../../dm/targets/provisioning/thin.ts';
import type { WorkingThinPool } from '../../dm/targets/provisioning/thin-pool.ts';
import { type SectorsInput, sectors } from '../../dm/text/units.ts';
import { withCleanup } from '../../ioctl/input/attempt.ts';
import { checkFields } from '../../ioctl/input/checks.ts';
import {
  checkDiscard,
  DISCARD_INACTIVE,
  type DiscardInactiveOptions,
  discardThin,
} from '../devices/discard.ts';
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
import type { OpenPoolOptions } from './options.ts';
import { ACTIVATE_THIN, checkChange, DEACTIVATE, viewOptions } from './options.ts';
import { PoolView } from './view.ts';

/** How long to wait for programs that open new devices, such as udev. */
const RELEASE_MS = 5000;

/** The thin devices of a {@link ThinPool}, with the methods of a {@link PoolView} as well. */
export abstract class PoolThins extends PoolView {
  /** The locks of the pool and of its thin devices. */
  protected readonly locks: KeyedLock = new KeyedLock();
  readonly #reserve: Reserve | undefined;

  protected constructor(pool: PoolHandle, options: OpenPoolOptions) {
    super(pool, viewOptions(options));
    this.#reserve = options.reserve;
  }

  /**
   * Creates an empty thin device `id`.
   * @throws PoolError ERR_THIN_EXISTS; ERR_POOL_FULL when the free space is below the reserve
   */
  async createThin(id: number, options: ChangeOptions = {}): Promise<void> {
    checkThinId(id, 'id');
    checkChange(options);
    await this.#gate(options);
    await this.send(poolMessages.createThin(id), options);
  }

  /**
   * Creates thin device `id` as a snapshot of `origin`. An active origin is suspended meanwhile, with its filesystem
   * frozen in a consistent state.
   * @throws PoolError ERR_THIN_EXISTS, ERR_THIN_MISSING; ERR_POOL_FULL when the free space is below the reserve
   */
  async createSnap(id: number, origin: number, options: ChangeOptions = {}): Promise<void> {
    checkThinId(id, 'id');
    checkThinId(origin, 'origin');
    checkChange(options);
    await this.#gate(options);
    await this.locks.run(
      [`thin ${origin}`],
      () => takeSnapshot(this.pool, this.active, { id, origin }, options),
      options.signal,
    );
  }

  /**
   * Deletes thin device `id`. Its blocks are free at once, but stay allocated in a backing file: see `discardThin`.
   * @throws PoolError ERR_THIN_MISSING, ERR_THIN_ACTIVE
   */
  async deleteThin(id: number, options: ChangeOptions = {}): Promise<void> {
    checkThinId(id, 'id');
    checkChange(options);
    await this.send(poolMessages.delete(id), options);
  }

  /**
   * Discards all blocks of inactive thin device `id`, which is active meanwhile. **Its data is lost.**
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

  /** Activates thin device `id` as a block device. @throws PoolError ERR_THIN_ACTIVE, ERR_THIN_MISSING */
  async activateThin(id: number, options: ActivateThinOptions): Promise<DeviceInfo> {
    checkThinId(id, 'id');
    checkFields(options, ACTIVATE_THIN, ['length']);
    return this.locks.run(
      [`thin ${id}`],
      () => activateThin(this.pool, this.active, id, options),
      options.signal,
    );
  }

  /** Deactivates thin device `id`. @throws PoolError ERR_THIN_BUSY with the holders, after `timeoutMs` */
  async deactivateThin(
    id: number,
    options: DeactivateThinOptions = {},
  ): Promise<{ readonly deferred: boolean }> {
    checkThinId(id, 'id');
    checkFields(options, DEACTIVATE);
    return this.locks.run(
      [`thin ${id}`],
      () => deactivateThin(this.pool, this.active, id, options),
      options.signal,
    );
  }

  /** Grows active thin device `id` to `length` sectors. @throws PoolError ERR_POOL_SIZE when it would shrink */
  async growThin(id: number, length: SectorsInput, options: CallOptions = {}): Promise<DeviceInfo> {
    checkThinId(id, 'id');
    sectors(length, 'length');
    checkFields(options, CALL);
    return this.locks.run(
      [`thin ${id}`],
      () => growThin(this.pool, this.active, id, length, options),
      options.signal,
    );
  }

  async #gate({ useReserve = false }: ChangeOptions): Promise<void> {
    checkReserve(this.name, await this.status(), useReserve ? undefined : this.#reserve);
  }

  /** Sends a message, and checks that the pool has committed it. */
  protected send(message: PoolMessage, options: ChangeOptions): Promise<WorkingThinPool> {
    return sendVerified(this.pool, message, options);
  }
}
