// The devices of the model kernel and their holders. Source: drivers/md/dm-ioctl.c, drivers/md/dm.c.

import type { DmHeader, Version } from '../../dm/wire/abi.ts';
import { makeDev, parseDev } from '../../dm/wire/device-number.ts';
import { type BlockDevice, Device, destroyTable, type TargetType } from './device.ts';
import { Disks, type ModelDisk } from './disks.ts';
import { PoolTable } from './pool.ts';
import { demand, Refused } from './refused.ts';
import { Waiters } from './waiters.ts';

const MINORS = 2 ** 20;

/** The state of the model kernel: its devices, disks and pools, and its global event counter. */
export class Devices {
  readonly version: Version;
  readonly major: number;
  readonly disks: Disks;
  readonly types: ReadonlyMap<string, TargetType>;
  readonly waiters: Waiters = new Waiters();
  readonly pools: PoolTable = new PoolTable();
  /** The global event counter, for DM_DEV_ARM_POLL. */
  globalEventNr = 0;
  readonly #devices = new Set<Device>();
  readonly #devDir: string;

  constructor(options: {
    readonly version: Version;
    readonly major: number;
    readonly disks: readonly ModelDisk[];
    readonly types: readonly TargetType[];
    readonly devDir: string;
  }) {
    this.#devDir = options.devDir;
    this.version = options.version;
    this.major = options.major;
    this.disks = new Disks(options.disks);
    this.types = new Map(options.types.map((type) => [type.name, type]));
  }

  /** Whether the kernel's interface is 4.`minor` or newer. */
  since(minor: number): boolean {
    return this.version[1] >= minor;
  }

  /** All devices in bytewise order of their names: strings here have one character per byte. */
  all(): readonly Device[] {
    return [...this.#devices].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  has(device: Device): boolean {
    return this.#devices.has(device);
  }

  byName(name: string): Device | undefined {
    return this.#find((device) => device.name === name);
  }

  byUuid(uuid: string): Device | undefined {
    return uuid === '' ? undefined : this.#find((device) => device.uuid === uuid);
  }

  byDev(dev: bigint): Device | undefined {
    return this.#find((device) => device.dev === dev);
  }

  #find(matches: (device: Device) => boolean): Device | undefined {
    return [...this.#devices].find(matches);
  }

  /**
   * Finds the device that the name, the uuid or the number selects. Source: `__find_device_hash_cell`, which also changes
   * the header. @throws Refused ENXIO
   */
  select({ name, uuid, dev }: Pick<DmHeader, 'name' | 'uuid' | 'dev'>): Device {
    const selectors = [name !== '', uuid !== '', dev !== 0n].filter(Boolean).length;
    demand(selectors === 1, 'exactly one of name, uuid and dev', 'ENXIO');
    const device = name !== '' ? this.byName(name) : (this.byUuid(uuid) ?? this.byDev(dev));
    if (device === undefined) throw new Refused('ENXIO', 'no such device');
    return device;
  }

  /**
   * Creates a device. Source: `dm_create` and `dm_hash_insert`.
   * @param wanted the minor number; `undefined`: the lowest free one
   * @throws Refused ENXIO for a minor number in use or out of range, EBUSY for a name or uuid in use
   */
  create(name: string, uuid: string, wanted: number | undefined): Device {
    const taken = new Set([...this.#devices].map(({ minor }) => minor));
    let minor = wanted ?? 0;
    while (wanted === undefined && taken.has(minor)) minor++;
    // The kernel uses the same errno for a minor in use and an invalid one.
    demand(minor < MINORS && !taken.has(minor), 'minor in use', 'ENXIO');
    demand(this.byName(name) === undefined, 'name in use', 'EBUSY');
    demand(this.byUuid(uuid) === undefined, 'uuid in use', 'EBUSY');
    const device = new Device({ minor, dev: makeDev(this.major, minor), name, uuid });
    this.#devices.add(device);
    return device;
  }

  /**
   * The open count of a device. A table above the device holds it open in a mode. The live and the inactive table of one
   * device count once if they have the same mode. Source: `dm_open_count`.
   */
  openCount(device: Device): number {
    return [...this.#devices].reduce((count, { live, inactive }) => {
      const modes = [live, inactive].map((table) => table?.opens.get(device.dev));
      return count + new Set(modes.filter((mode) => mode !== undefined)).size;
    }, device.holds);
  }

  /** Removes a device that is not open, and raises its event. Source: `__hash_remove` and `dm_destroy`. */
  remove(device: Device): void {
    this.event(device);
    this.#devices.delete(device);
    destroyTable(device.inactive);
    destroyTable(device.live);
    this.closed();
  }

  /** Carries out the deferred removals after a close. The real kernel does this slightly later. */
  closed(): void {
    const next = this.#find((device) => device.deferredRemove && this.openCount(device) === 0);
    if (next !== undefined) this.remove(next);
  }

  /** Raises an event of a device. With a live table, it is also a global event. */
  event(device: Device): void {
    if (device.event()) this.globalEvent();
  }

  /** Raises a global event. Source: `dm_issue_global_event`. */
  globalEvent(): void {
    this.globalEventNr = (this.globalEventNr + 1) >>> 0;
  }

  /**
   * Finds the block device at `path` for a table of `self`. The caller opens it. Linux 6.1 accepts `self` itself.
   * Source: `dm_get_device`. @throws Refused
   */
  lookUp(path: string, self: Device): BlockDevice {
    const dev = this.#devOf(path);
    demand(dev !== self.dev || !this.since(48), 'a device on itself');
    const found = this.disks.at(dev) ?? this.#find((d) => d.dev === dev && d.hasDisk);
    if (found === undefined) throw new Refused('ENXIO', `no device ${path}`);
    return found;
  }

  #devOf(path: string): bigint {
    const numbers = /^(\d+):(\d+)$/.exec(path);
    if (numbers) {
      const fits = Number(numbers[1]) <= 0xfff && Number(numbers[2]) <= 0xfffff;
      demand(fits, `${path} does not fit`, 'EOVERFLOW');
      return parseDev(path);
    }
    const below = path.startsWith(`${this.#devDir}/`) ? path.slice(this.#devDir.length + 1) : '';
    const node = /^(?:dm-(\d+)|mapper\/(.+))$/s.exec(below);
    const own = this.#find(
      ({ hasDisk, minor, name }) => hasDisk && (String(minor) === node?.[1] || name === node?.[2]),
    );
    const dev = own?.dev ?? this.disks.devOf(path);
    // Linux 6.1 returns ENODEV for every missing device.
    if (dev === undefined) throw new Refused(this.since(48) ? 'ENOENT' : 'ENODEV', `no ${path}`);
    return dev;
  }
}
