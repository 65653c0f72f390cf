// Finds the active thin devices of a pool. Those of this library are found by their uuid, which is made here; those of
// other programs by the holders of the pool and their tables.

import { readFile } from 'node:fs/promises';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import { thin } from '../../dm/targets/provisioning/thin.ts';
import type { Sectors } from '../../dm/text/units.ts';
import { formatDev, majorOf, makeDev } from '../../dm/wire/device-number.ts';
import { isDmError, reportedOf } from '../../dm/wire/errors.ts';
import { type NumberedEntry, numberedEntries } from '../../ioctl/file/entries.ts';
import { type ErrnoCode, isErrno } from '../../ioctl/libc/errno.ts';
import type { PoolHandle } from '../live/handle.ts';

const PREFIX = 'DMTS-thin-';

/** The uuid of thin device `id` of the pool whose device number is `pool`. */
export const thinUuid = (pool: bigint, id: number): string => `${PREFIX}${formatDev(pool)}-${id}`;

/** The thin id in a uuid of `pool`; `undefined` for any other uuid. */
function idOfThinUuid(pool: bigint, uuid: string | undefined): number | undefined {
  const prefix = `${PREFIX}${formatDev(pool)}-`;
  if (!uuid?.startsWith(prefix)) return undefined;
  const id = uuid.slice(prefix.length);
  return /^\d{1,8}$/.test(id) ? Number(id) : undefined;
}

/** An active thin device, from its table. */
export interface ActiveThin {
  readonly id: number;
  readonly info: DeviceInfo;
  readonly length: Sectors;
}

/** The errnos of reading an attribute of a device that is being removed. Source: dm_attr_show, kernfs_get_active. */
const GOING: readonly ErrnoCode[] = ['ENOENT', 'ENODEV', 'EINVAL'];

/** The devices above a pool. It remembers them, so that the cost of a search does not grow with their number. */
export class ActiveThins {
  readonly #pool: PoolHandle;
  readonly #sysDir: string;
  /**
   * The sysfs inodes of devices with a uuid of this library. A minor number is not enough: another device may get it
   * later.
   */
  readonly #ours = new Set<number>();

  constructor(pool: PoolHandle, sysDir = '/sys') {
    this.#pool = pool;
    this.#sysDir = sysDir;
  }

  /** The active device of thin device `id`; `undefined` if it is not active. */
  async find(id: number): Promise<DeviceInfo | undefined> {
    const { dm, dev } = this.#pool;
    try {
      return await dm.info({ uuid: thinUuid(dev, id) });
    } catch (error) {
      if (!isDmError(error, 'ENXIO')) throw error;
    }
    return this.findForeign(id);
  }

  /** The active device of thin device `id` without a uuid of this library, which another program activated. */
  async findForeign(id: number): Promise<DeviceInfo | undefined> {
    const foreign = await this.#lookAt(await this.#notOurs());
    return foreign.find((active) => active.id === id)?.info;
  }

  /** Every active thin device of the pool, by id. */
  async list(): Promise<readonly ActiveThin[]> {
    const all = await this.#lookAt(this.#holders().map(({ number }) => number));
    return all.toSorted((a, b) => a.id - b.id);
  }

  /**
   * The holders of the pool, by minor number. Devices with an inactive table count, because that keeps an id in use as
   * well.
   */
  #holders(): readonly NumberedEntry[] {
    try {
      const directory = `${this.#sysDir}/dev/block/${formatDev(this.#pool.dev)}/holders`;
      return numberedEntries(directory, 'dm-');
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      throw error;
    }
  }

  async #notOurs(): Promise<readonly number[]> {
    const holders = this.#holders();
    const unknown = holders.filter(({ inode }) => !this.#ours.has(inode));
    if (this.#ours.size + unknown.length > holders.length) this.#forgetAllBut(holders);
    const foreign: number[] = [];
    for (const { number, inode } of unknown) {
      const id = idOfThinUuid(this.#pool.dev, await this.#uuidOf(number));
      if (id === undefined) foreign.push(number);
      else this.#ours.add(inode);
    }
    return foreign;
  }

  #forgetAllBut(holders: readonly NumberedEntry[]): void {
    const there = new Set(holders.map(({ inode }) => inode));
    for (const inode of this.#ours) if (!there.has(inode)) this.#ours.delete(inode);
  }

  async #uuidOf(minor: number): Promise<string | undefined> {
    try {
      return (await readFile(`${this.#sysDir}/block/dm-${minor}/dm/uuid`, 'utf8')).trimEnd();
    } catch (error) {
      // The device is being removed, and its directory as well.
      if (isErrno(error, ...GOING)) return undefined;
      throw error;
    }
  }

  async #lookAt(minors: readonly number[]): Promise<readonly ActiveThin[]> {
    // All devices of the device mapper have one major number.
    const major = majorOf(this.#pool.dev);
    const found = await Promise.all(minors.map((minor) => this.#tableOf(makeDev(major, minor))));
    return found.filter((active) => active !== undefined);
  }

  async #tableOf(dev: bigint): Promise<ActiveThin | undefined> {
    const { dm } = this.#pool;
    try {
      const { info, targets } = await dm.table({ dev }, { noFlush: true });
      const [line] = targets;
      if (targets.length !== 1 || line!.type !== 'thin') return undefined;
      const id =
        idOfThinUuid(this.#pool.dev, info.uuid) ??
        (/^(Fail|Error|-)$/.test(line!.params)
          ? undefined
          : reportedOf(info.name, () => thin.parseParams(line!.params)).id);
      return id === undefined ? undefined : { id, info, length: line!.length };
    } catch (error) {
      if (isDmError(error, 'ENXIO')) return undefined;
      throw error;
    }
  }
}
