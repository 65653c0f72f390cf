// The disks of the model kernel: block devices below the mapped devices.

import { type SectorsInput, sectors } from '../../dm/text/units.ts';
import { formatDev, parseDev } from '../../dm/wire/device-number.ts';
import type { BlockDevice } from './device.ts';

/** A disk of the model kernel. */
export interface ModelDisk {
  /** Device number: `'8:0'`. */
  readonly dev: string;
  /** Node of the disk, for use in tables: `'/dev/sda'`. */
  readonly path?: string;
  readonly sectors: SectorsInput;
}

/** The disks by number and by node. */
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
