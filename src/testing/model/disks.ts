// The block devices below: disks that are simply there.

import { formatDev, parseDev } from '../../dm/device-number.ts';
import { type SectorsInput, sectors } from '../../dm/units.ts';
import type { BlockDevice } from './device.ts';

/** A disk of the model kernel. */
export interface ModelDisk {
  /** `'8:0'` */
  readonly dev: string;
  /** The node by which tables may name it: `'/dev/sda'`. */
  readonly path?: string;
  readonly sectors: SectorsInput;
}

/** The disks by their numbers and nodes. */
export class Disks {
  readonly #byDev = new Map<bigint, BlockDevice>();
  readonly #byPath = new Map<string, bigint>();

  constructor(disks: readonly ModelDisk[]) {
    for (const disk of disks) {
      const dev = parseDev(disk.dev);
      this.#byDev.set(dev, { dev, sectors: sectors(disk.sectors, `disk ${formatDev(dev)}`) });
      if (disk.path !== undefined) this.#byPath.set(disk.path, dev);
    }
  }

  at(dev: bigint): BlockDevice | undefined {
    return this.#byDev.get(dev);
  }

  devOf(path: string): bigint | undefined {
    return this.#byPath.get(path);
  }
}
