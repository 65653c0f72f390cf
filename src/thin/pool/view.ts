// A read-only view of an active pool: no method writes to the pool, or changes its state.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { checkDeviceMapper } from '../../dm/device/input.ts';
import { CALL } from '../../dm/device/option-checks.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { checkThinId, type ThinStatus, thin } from '../../dm/targets/provisioning/thin.ts';
import type { ThinPoolStatus } from '../../dm/targets/provisioning/thin-pool.ts';
import { isDmError, reportedOf } from '../../dm/wire/errors.ts';
import { deviceNode } from '../../ioctl/device/block.ts';
import { checkFields, isFunction } from '../../ioctl/input/checks.ts';
import { type ActiveThin, ActiveThins } from '../devices/active-thins.ts';
import { PoolError } from '../live/errors.ts';
import { type PoolHandle, type PoolTable, poolStatus, poolTable } from '../live/handle.ts';
import { type PoolHealth, poolHealth } from '../live/health.ts';
import { type PoolEvent, watchPool } from '../live/watch.ts';
import { readCommitted } from '../metadata/committed.ts';
import { readThinDevices, type ThinCensus } from '../metadata/device-details.ts';
import { type MappedRange, readMappedRanges } from '../metadata/mapped-ranges.ts';
import type { PoolViewOptions } from './options.ts';
import { checkPool, VIEW, viewOptions } from './options.ts';
import { type PoolProblem, poolProblems } from './problems.ts';

/**
 * A view of an active pool, whichever program activated it. It writes nothing, and a suspended pool stays suspended. Its
 * methods reject with a `PoolError` ERR_POOL_NOT_ACTIVE after the pool is deactivated.
 */
export class PoolView {
  /** The pool's device. */
  protected readonly pool: PoolHandle;
  /** The search for active thin devices. */
  protected readonly active: ActiveThins;
  readonly #options: PoolViewOptions;

  /** Call {@link PoolView.open}. */
  protected constructor(pool: PoolHandle, options: PoolViewOptions) {
    this.pool = pool;
    this.active = new ActiveThins(pool, options.sysDir);
    this.#options = options;
  }

  /**
   * Opens a view of the active pool `name`.
   * @throws PoolError ERR_POOL_NOT_ACTIVE when the device does not exist or is not a pool
   */
  static async open(
    dm: DeviceMapper,
    name: string,
    options: PoolViewOptions = {},
  ): Promise<PoolView> {
    checkPool(dm, name);
    checkFields(options, VIEW);
    const { dev, path, name: own } = (await poolTable({ dm, name })).info;
    return new PoolView({ dm, name: own, dev, path }, viewOptions(options));
  }

  /** A view of every active pool, in the order of {@link DeviceMapper.list}. */
  static async all(dm: DeviceMapper, options: PoolViewOptions = {}): Promise<readonly PoolView[]> {
    checkDeviceMapper(dm);
    checkFields(options, VIEW);
    const views: PoolView[] = [];
    for (const { dev } of await dm.list()) {
      const found = await tableOrGone(dm, dev);
      if (found?.targets.length !== 1 || found.targets[0]!.type !== 'thin-pool') continue;
      const { name, path } = found.info;
      views.push(new PoolView({ dm, name, dev, path }, viewOptions(options)));
    }
    return views;
  }

  /** The pool's name. */
  get name(): string {
    return this.pool.name;
  }

  /** `/dev/dm-N` */
  get path(): string {
    return this.pool.path;
  }

  /** The kernel's status. The call does not make the pool commit. */
  status(): Promise<ThinPoolStatus> {
    return poolStatus(this.pool);
  }

  /** The live table: length in sectors, block size, devices as `major:minor`, features. */
  table(): Promise<PoolTable> {
    return poolTable(this.pool);
  }

  /** The state of the pool, and the remedy. */
  async health(): Promise<PoolHealth> {
    return poolHealth(await this.status(), this.#options.thresholds);
  }

  /**
   * The problems that the state of the pool and of its active thin devices shows: a suspended device, an inactive table, a
   * state in which operations fail, a thin device that is active twice. `thinCheck` finds those of the metadata.
   */
  async problems(): Promise<readonly PoolProblem[]> {
    const [{ info }, status, thins] = [
      await this.table(),
      await this.status(),
      await this.activeThins(),
    ];
    return poolProblems({ info, status, thins });
  }

  /** The active thin devices of the pool, including those that other programs activated. */
  activeThins(): Promise<readonly ActiveThin[]> {
    return this.active.list();
  }

  /** The active device of thin device `id`; `undefined` if it is not active. */
  async activeThin(id: number): Promise<DeviceInfo | undefined> {
    checkThinId(id, 'id');
    return this.active.find(id);
  }

  /**
   * The mapped sectors of an active thin device, and the last mapped one.
   * @param device its thin id, or an element of {@link PoolView.activeThins}, which takes one ioctl less
   * @throws PoolError ERR_THIN_MISSING when it is not active
   */
  async thinStatus(device: number | ActiveThin): Promise<ThinStatus> {
    const isActive = typeof device === 'object' && device !== null;
    const id = isActive ? device.id : device;
    checkThinId(id, 'id');
    const info = isActive ? device.info : await this.active.find(id);
    if (info === undefined) throw this.#inactive(id);
    try {
      const { targets } = await this.pool.dm.status({ dev: info.dev }, { noFlush: true });
      return reportedOf(info.name, () => thin.parseStatus(targets[0]?.params ?? '-'));
    } catch (error) {
      if (!isDmError(error, 'ENXIO')) throw error;
      throw this.#inactive(id, error);
    }
  }

  #inactive(id: number, cause?: unknown): PoolError {
    return new PoolError({
      code: 'ERR_THIN_MISSING',
      pool: this.name,
      id,
      problem: 'it is not active',
      cause,
    });
  }

  /**
   * Every thin device of the pool by its id, active or not, as of the last commit. It runs no program.
   * @throws PoolError ERR_POOL_METADATA when the metadata is damaged, ERR_POOL_BUSY when the pool commits too often
   */
  async thinDetails(options: CallOptions = {}): Promise<ThinCensus> {
    checkFields(options, CALL);
    return readThinDevices({ name: this.name, device: await this.metadataPath() }, options);
  }

  /**
   * The ranges of blocks that inactive thin device `id` maps, in ascending order. Every other block reads as zero. To read those
   * of a device in use, take a snapshot. The call needs no metadata snapshot, and runs no program.
   * @throws PoolError ERR_THIN_MISSING; ERR_THIN_ACTIVE, also when the device is activated meanwhile; as `thinDetails`
   */
  mapped(id: number, options: CallOptions = {}): AsyncGenerator<MappedRange, void> {
    checkThinId(id, 'id');
    checkFields(options, CALL);
    return this.#mapped(id, options);
  }

  async *#mapped(id: number, options: CallOptions): AsyncGenerator<MappedRange, void> {
    await this.#refuseActive(id);
    const source = { name: this.name, device: await this.metadataPath() };
    yield* readMappedRanges(source, id, options);
    await this.#refuseActive(id);
  }

  async #refuseActive(id: number): Promise<void> {
    const device = await this.active.find(id);
    if (device === undefined) return;
    throw new PoolError({
      code: 'ERR_THIN_ACTIVE',
      pool: this.name,
      id,
      problem: `cannot read its mappings: it is active as '${device.name}', and may change`,
      hint: 'Take a snapshot, and read that of the snapshot',
    });
  }

  /** The path of the metadata device, such as `/dev/loop1`. */
  async metadataPath(): Promise<string> {
    const { params } = await this.table();
    return deviceNode(params.metadataDevice, this.#options.sysDir);
  }

  /**
   * Runs `task` with the path of a read-only device that has the metadata of the last commit. If the pool commits
   * meanwhile, `task` runs again.
   * @throws the error of `task`; PoolError ERR_POOL_BUSY when the pool commits too often
   */
  async withMetadata<T>(task: (path: string) => Promise<T>, options: CallOptions = {}): Promise<T> {
    isFunction(task, 'task');
    checkFields(options, CALL);
    const device = await this.metadataPath();
    return readCommitted({ name: this.name, device }, task, options);
  }

  /** The changes of the pool's health and usage: see `PoolEvent`. */
  watch(options: CallOptions = {}): AsyncGenerator<PoolEvent, void, void> {
    checkFields(options, CALL);
    return watchPool(this.pool, this.#options.thresholds, options);
  }
}

/** The table of a device; `undefined` if it was removed since it was listed. */
async function tableOrGone(dm: DeviceMapper, dev: bigint) {
  try {
    return await dm.table({ dev }, { noFlush: true });
  } catch (error) {
    if (isDmError(error, 'ENXIO')) return undefined;
    throw error;
  }
}
