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
import type { Flock } from '../../ioctl/file/flock.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { ActiveThins } from '../../thin/devices/active-thins.ts';
import { StorageError } from '../config/errors.ts';
import { checkLayerId, layerWords } from '../directory/layout.ts';
import type { LayerRecord } from '../directory/records.ts';
import { readRecords } from '../directory/records-read.ts';
import { lockRoot } from '../directory/root-lock.ts';
import { Cleanups } from '../layers/cleanups.ts';
import { liveRecord } from '../layers/layer-create.ts';
import type { LayerMounts } from '../layers/layer-diff.ts';
import { mountedLayers, mountPoint } from '../layers/mount-counts.ts';
import { awaitRemoved, closeViewPool, openViewPool, type ViewPool } from './held-pool.ts';
import { contentOf, holdBound, holdDevice } from './hold.ts';
import { removeLeftovers, VIEW_PREFIX, viewThinName } from './leftovers.ts';
import type { ViewPoolRequest } from './view-pool.ts';

/** A mounted layer. */
interface HeldLayer {
  /** The number of `mount` calls without an `unmount`. */
  count: number;
  readonly path: string;
  readonly cleanups: Cleanups;
}

/** The pool and the lock, held while any layer is mounted. */
interface HeldPool extends ViewPool {
  readonly records: ReadonlyMap<string, LayerRecord>;
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
      return { ...(await openViewPool(this.#request, { signal })), records, lock };
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
      await closeViewPool(held, this.#notice);
    } finally {
      await held.lock.release();
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
    const found = await new ActiveThins(pool).find(deviceId);
    if (found?.suspended) throw suspendedDevice(id, found.name);
    // A device without a live table, which a process that died left, has no node.
    const active = found?.live ? found : undefined;
    if ((await mountedLayers(layout)).has(id)) {
      const handle = await holdBound(mountPoint(layout, id), directory);
      cleanups.defer(() => handle.close());
      return contentOf(handle, { layer: layerWords(id), empty: directory });
    }
    const name = active?.name ?? viewThinName(layout, deviceId);
    if (active === undefined) {
      const table = [thin({ length: size / SECTOR, pool: pool.path, id: deviceId })];
      await dm.create(name, { table, readOnly: true, signal });
      cleanups.defer(() => awaitRemoved(dm, name, this.#notice));
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
    return contentOf(handle, { layer: layerWords(id), empty: directory });
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
