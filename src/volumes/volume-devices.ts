// The devices of volumes: activate, deactivate, grow and rename them.

import { CALL } from '../dm/device/option-checks.ts';
import type { CallOptions } from '../dm/device/options.ts';
import type { DeviceInfo } from '../dm/reply/device-info.ts';
import { type BytesInput, SECTOR } from '../dm/text/units.ts';
import { attempt } from '../ioctl/input/attempt.ts';
import { checkFields } from '../ioctl/input/checks.ts';
import type { ThinPool } from '../thin/pool/pool.ts';
import { VolumeAccess } from './access.ts';
import {
  ACTIVATE,
  type ActivateVolumeOptions,
  DEACTIVATE,
  type DeactivateVolumeOptions,
} from './config/options.ts';
import { checkVolumeName } from './directory/record.ts';
import type { OpenedVolumes } from './opened.ts';
import { deviceNameOf } from './recover.ts';
import { grownSize, wholeSize } from './sizes.ts';

/** The methods of {@link Volumes} that change the devices of existing volumes. */
export abstract class VolumeDevices {
  protected readonly state: OpenedVolumes;
  protected readonly access: VolumeAccess;

  protected constructor(state: OpenedVolumes) {
    this.state = state;
    this.access = new VolumeAccess(state);
  }

  /** The directory. */
  get directory(): string {
    return this.state.directory;
  }

  /** The pool. Its thin devices are those of the volumes: change them with the methods of {@link Volumes} only. */
  get pool(): ThinPool {
    return this.state.pool;
  }

  /** What `ensure` or `open` repaired, and what it left for the next time, one sentence each. */
  get notices(): readonly string[] {
    return this.state.notices;
  }

  /** Renames a volume, and its device if it is active. @throws VolumeError ERR_VOLUME_MISSING, ERR_VOLUME_EXISTS */
  async rename(from: string, to: string, options: CallOptions = {}): Promise<void> {
    checkVolumeName(from, 'from');
    checkVolumeName(to, 'to');
    checkFields(options, CALL);
    await this.access.run([from, to], options.signal, async () => {
      const { id } = this.access.get(from);
      this.access.refuseExisting(to);
      await this.state.records.rename(from, to);
      try {
        await this.#renameDevice(id, to);
      } catch (error) {
        await attempt(() => this.state.records.rename(to, from));
        throw error;
      }
    });
  }

  async #renameDevice(id: number, to: string): Promise<void> {
    const device = await this.pool.activeThin(id);
    if (device) await this.state.dm.rename({ dev: device.dev }, deviceNameOf(this.state, to));
  }

  /**
   * Grows a volume, and its device if it is active. Its filesystem does not grow. If the device cannot grow, the volume has its new
   * size from the next activation on.
   * @param size in bytes, a multiple of 512
   * @throws VolumeError ERR_VOLUME_MISSING, ERR_VOLUME_SIZE
   */
  async grow(name: string, size: BytesInput, options: CallOptions = {}): Promise<void> {
    checkVolumeName(name, 'name');
    const wanted = wholeSize(size);
    checkFields(options, CALL);
    await this.access.run([name], options.signal, async () => {
      const record = this.access.get(name);
      const grown = grownSize(name, record, wanted);
      await this.state.records.write(name, { ...record, size: grown });
      const device = await this.pool.activeThin(record.id);
      // An abort must not leave the device smaller than the record.
      if (device) await this.pool.growThin(record.id, grown / SECTOR);
    });
  }

  /**
   * Activates a volume as a block device, named after the pool, `-` and the volume.
   * @throws VolumeError ERR_VOLUME_MISSING; ERR_VOLUME_ACTIVE if it is active: two holders of one volume destroy its filesystem
   */
  async activate(name: string, options: ActivateVolumeOptions = {}): Promise<DeviceInfo> {
    checkVolumeName(name, 'name');
    checkFields(options, ACTIVATE);
    const { readOnly = false, signal } = options;
    return this.access.run([name], signal, async () => {
      const record = this.access.get(name);
      await this.access.refuseActive(name, record);
      return this.pool.activateThin(record.id, {
        length: record.size / SECTOR,
        name: deviceNameOf(this.state, name),
        readOnly,
        signal,
      });
    });
  }

  /**
   * Deactivates a volume. An inactive one is not an error.
   * @throws VolumeError ERR_VOLUME_MISSING; PoolError ERR_THIN_BUSY with the holders, after `timeoutMs`
   */
  async deactivate(name: string, options: DeactivateVolumeOptions = {}): Promise<void> {
    checkVolumeName(name, 'name');
    checkFields(options, DEACTIVATE);
    const { timeoutMs = 0, signal } = options;
    await this.access.run([name], signal, async () => {
      await this.pool.deactivateThin(this.access.get(name).id, { timeoutMs, signal });
    });
  }
}
