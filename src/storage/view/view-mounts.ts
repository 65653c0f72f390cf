// Mounts layers for a view. It writes neither the layers nor the pool nor the directory, and leaves nothing active.
//
// It activates an inactive pool with `read_only` on read-only loop devices, activates the thin device read-only, and
// mounts the filesystem read-only. Then it keeps a descriptor of the filesystem open, detaches the mount from the tree,
// and marks the devices for deferred removal. The kernel removes the devices when the descriptor is closed, also when
// the process is killed.

import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyedLock } from '../../dm/device/keyed-lock.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { thin } from '../../dm/targets/provisioning/thin.ts';
import { SECTOR } from '../../dm/text/units.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import type { Flock } from '../../ioctl/file/flock.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { pause } from '../../ioctl/input/pause.ts';
import { awaitDetached } from '../../ioctl/loop/loop-files.ts';
import { ActiveThins } from '../../thin/devices/active-thins.ts';
import { type PoolHandle, poolTable } from '../../thin/live/handle.ts';
import { refuseSuspended } from '../../thin/live/suspended.ts';
import { activatePool } from '../../thin/pool/activation.ts';
import { StorageError } from '../config/errors.ts';
import { checkLayerId, layerWords } from '../directory/layout.ts';
import type { LayerRecord } from '../directory/records.ts';
import { readRecords } from '../directory/records-read.ts';
import { lockRoot } from '../directory/root-lock.ts';
import { Cleanups } from '../layers/cleanups.ts';
import { liveRecord } from '../layers/layer-create.ts';
import type { LayerMounts } from '../layers/layer-diff.ts';
import { mountedLayers, mountPoint } from '../layers/mount-counts.ts';
import { contentOf, holdBound, holdDevice } from './hold.ts';
import { removeLeftovers, VIEW_PREFIX, viewPoolName, viewThinName } from './leftovers.ts';
import { findPool, type PoolPlaces, type ViewPoolRequest } from './view-pool.ts';

/** The longest wait for a removal or a detachment. */
const GONE_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 10;

/** A mounted layer. */
interface HeldLayer {
  /** The number of `mount` calls without an `unmount`. */
  count: number;
  readonly path: string;
  readonly cleanups: Cleanups;
}

/** The pool and the lock, held while any layer is mounted. */
interface HeldPool {
  readonly pool: PoolHandle;
  readonly records: ReadonlyMap<string, LayerRecord>;
  /** The paths of the pool that this view activated; `undefined` for a pool that was active before. */
  readonly places: PoolPlaces | undefined;
  readonly lock: Flock;
}

/** The layers of a storage directory, each mounted read-only while it is in use. */
export class ViewMounts implements LayerMounts {
  readonly #request: ViewPoolRequest;
  readonly #notice: (text: string) => void;
  readonly #lock = new KeyedLock();
  readonly #layers = new Map<string, HeldLayer>();
  #pool: HeldPool | undefined;

  /** @param notice receives each notice of the view */
  constructor(request: ViewPoolRequest, notice: (text: string) => void) {
    this.#request = request;
    this.#notice = notice;
  }

  /**
   * Mounts a layer.
   * @returns the path of its content
   * @throws StorageError ERR_STORAGE_LOCKED while another process has the directory, ERR_LAYER_MISSING, ERR_LAYER_DELETED,
   * ERR_STORAGE_FILESYSTEM; PoolError
   */
  async mount(id: string, { signal }: CallOptions = {}): Promise<string> {
    checkLayerId(this.#request.layout, id);
    return this.#lock.run(['all'], () => this.#mount(id, signal), signal);
  }

  async #mount(id: string, signal: AbortSignal | undefined): Promise<string> {
    const held = this.#layers.get(id);
    if (held !== undefined) {
      held.count++;
      return held.path;
    }
    this.#pool ??= await this.#openPool(signal);
    const cleanups = new Cleanups();
    try {
      const path = await this.#hold(this.#pool, id, cleanups, signal);
      this.#layers.set(id, { count: 1, path, cleanups });
      return path;
    } catch (error) {
      await attempt(() => cleanups.run());
      if (this.#layers.size === 0) await attempt(() => this.#closePool());
      throw error;
    }
  }

  /** Undoes one `mount`. The last one unmounts the layer. */
  async unmount(id: string): Promise<void> {
    await this.#lock.run(['all'], async () => {
      const held = this.#layers.get(id);
      if (held === undefined) return;
      held.count--;
      if (held.count > 0) return;
      this.#layers.delete(id);
      try {
        await held.cleanups.run();
      } finally {
        if (this.#layers.size === 0) await this.#closePool();
      }
    });
  }

  async #openPool(signal: AbortSignal | undefined): Promise<HeldPool> {
    const { dm, layout } = this.#request;
    const lock = await lockRoot(layout.root);
    try {
      await removeLeftovers(dm, layout);
      const { layers: records } = await readRecords(layout);
      const { name, places } = await findPool(this.#request);
      if (places === undefined) {
        const { info } = await poolTable({ dm, name });
        refuseSuspended(info);
        const pool = { dm, name, dev: info.dev, path: info.path };
        return { pool, records, places, lock };
      }
      const pool = await activatePool(dm, viewPoolName(layout), {
        ...places,
        readOnly: true,
        features: ['skip_block_zeroing'],
        signal,
      });
      return { pool, records, places, lock };
    } catch (error) {
      await attempt(() => lock.release());
      throw error;
    }
  }

  async #closePool(): Promise<void> {
    const held = this.#pool;
    this.#pool = undefined;
    if (held === undefined) return;
    try {
      if (held.places !== undefined) {
        await this.#awaitRemoved(held.pool.name);
        await this.#awaitDetached(held.places);
      }
    } finally {
      await held.lock.release();
    }
  }

  /** Removes a device, and waits until its last holder has gone. Adds a notice if that takes too long. */
  async #awaitRemoved(name: string): Promise<void> {
    const { dm } = this.#request;
    const deadline = Date.now() + GONE_WITHIN_MS;
    for (;;) {
      try {
        const { deferred } = await dm.remove(name, { deferred: true });
        if (!deferred) return;
      } catch (error) {
        if (isDmError(error, 'ENXIO')) return;
        if (!isDmError(error, 'EBUSY')) throw error;
      }
      if (Date.now() >= deadline) {
        this.#notice(
          `device ${name} is still in use; the kernel removes it when its last holder closes it`,
        );
        return;
      }
      await pause(LOOK_EVERY_MS, undefined);
    }
  }

  /** Waits until the loop devices of the pool are detached. Adds a notice if that takes too long. */
  async #awaitDetached({ metadata, data }: PoolPlaces): Promise<void> {
    for (const path of [metadata, data]) {
      if (!(await awaitDetached(path, GONE_WITHIN_MS)))
        this.#notice(
          `${path} is still attached to a loop device; the kernel detaches it when its last holder closes it`,
        );
    }
  }

  /** Opens the filesystem of a layer. `cleanups` closes it. @returns the path of the layer's content */
  async #hold(
    { pool, records, places }: HeldPool,
    id: string,
    cleanups: Cleanups,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const { dm, layout } = this.#request;
    const { deviceId, size } = liveRecord({ records }, id);
    const directory = await mkdtemp(join(tmpdir(), VIEW_PREFIX));
    cleanups.defer(() => rmdir(directory));
    const active = await new ActiveThins(pool).find(deviceId);
    if (active?.suspended) throw suspendedDevice(id, active.name);
    if ((await mountedLayers(layout)).has(id)) {
      const handle = await holdBound(mountPoint(layout, id), directory);
      cleanups.defer(() => handle.close());
      return contentOf(handle, directory);
    }
    const name = active?.name ?? viewThinName(layout, deviceId);
    if (active === undefined) {
      const table = [thin({ length: size / SECTOR, pool: pool.path, id: deviceId })];
      await dm.create(name, { table, readOnly: true, signal });
      cleanups.defer(() => this.#awaitRemoved(name));
    }
    const { path } = active ?? (await dm.info(name));
    const { handle, replayed } = await holdDevice(path, directory, {
      layer: layerWords(id),
      isReadOnly: active === undefined,
      signal,
    });
    cleanups.defer(() => handle.close());
    if (!replayed) this.#notice(unreplayed(id));
    // The kernel removes both devices when the descriptor is closed.
    if (active === undefined) await dm.remove(name, { deferred: true });
    if (places !== undefined) await dm.remove(pool.name, { deferred: true });
    return contentOf(handle, directory);
  }
}

const unreplayed = (id: string): string =>
  `the filesystem of ${layerWords(id)} was not unmounted cleanly, and a view does not replay its journal: the last changes may be missing. "dmts storage mount" and "umount" replay it`;

const suspendedDevice = (id: string, name: string): StorageError =>
  new StorageError({
    code: 'ERR_LAYER_BUSY',
    subject: layerWords(id),
    problem: `its device ${name} is suspended, and a read would block until it is resumed`,
    hint: `If the process that suspended it has died, resume the device with "dmts resume ${name}"`,
  });
