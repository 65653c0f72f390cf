// Thin pools and the content of their metadata devices. Source: drivers/md/dm-thin.c.

import type { BlockDevice, Device } from './device.ts';
import { PLAIN_FEATURES, type PoolFeatures } from './pool-features.ts';
import { demand } from './refused.ts';

/** A thin device of a pool. */
export interface ThinRecord {
  readonly mappedSectors: bigint;
  readonly highestSector: bigint | undefined;
}

/** The content of a metadata device. It stays when the pool is removed. */
export interface PoolMetadata {
  readonly blockSize: bigint;
  /** 0 before the first resume of the pool. */
  dataBlocks: bigint;
  transactionId: bigint;
  heldRoot: boolean;
  needsCheck: boolean;
  readonly thins: Map<number, ThinRecord>;
}

/** The mode of a pool in its status. */
export type PoolMode = 'rw' | 'ro' | 'out_of_data_space' | 'fail';

/** A constructed thin target, live or not. */
export interface ActiveThin {
  readonly device: Device;
  readonly id: number;
}

/** `struct pool`: exists while a table of its own or of a thin device uses it. */
export class Pool {
  readonly device: Device;
  readonly metadataOn: BlockDevice;
  readonly dataOn: BlockDevice;
  readonly metadata: PoolMetadata;
  features: PoolFeatures = PLAIN_FEATURES;
  lowWaterMark = 0n;
  /** Length in sectors of the table that controls it; 0 before the first resume. */
  length = 0n;
  mode: PoolMode = 'rw';
  suspended = true;
  usedData = 0n;
  usedMetadata: bigint | undefined;
  references = 0;
  readonly thins: Set<ActiveThin> = new Set();

  constructor(of: Pick<Pool, 'device' | 'metadataOn' | 'dataOn' | 'metadata'>) {
    this.device = of.device;
    this.metadataOn = of.metadataOn;
    this.dataOn = of.dataOn;
    this.metadata = of.metadata;
  }

  /** `pool_presuspend`: also suspends its thin devices. */
  suspend(): void {
    this.suspended = true;
    for (const { device } of this.thins) device.internalSuspends++;
  }

  resume(): void {
    for (const { device } of this.thins) device.internalSuspends--;
    this.suspended = false;
  }
}

/** The arguments of `PoolTable.find`. */
export interface PoolRequest {
  readonly device: Device;
  readonly metadataOn: BlockDevice;
  readonly dataOn: BlockDevice;
  readonly blockSize: bigint;
  readonly features: PoolFeatures;
}

/** `dm_thin_pool_table`, and the formatted metadata devices. */
export class PoolTable {
  readonly #pools = new Set<Pool>();
  readonly #metadata = new Map<bigint, PoolMetadata>();

  of(device: BlockDevice): Pool | undefined {
    return [...this.#pools].find((pool) => pool.device === device);
  }

  /** `__pool_find`: find the pool of these devices, or create it. @throws Refused */
  find(request: PoolRequest): { readonly pool: Pool; readonly created: boolean } {
    const { device, metadataOn, dataOn } = request;
    const there =
      [...this.#pools].find((pool) => pool.metadataOn.dev === metadataOn.dev) ?? this.of(device);
    if (there === undefined) return { pool: this.#create(request), created: true };
    if (there.metadataOn.dev === metadataOn.dev) {
      demand(there.device === device, 'metadata device already in use by a pool', 'EBUSY');
      demand(there.dataOn.dev === dataOn.dev, 'data device already in use by a pool', 'EBUSY');
    } else {
      demand(false, 'different pool cannot replace a pool');
    }
    there.references++;
    return { pool: there, created: false };
  }

  #create({ device, metadataOn, dataOn, blockSize, features }: PoolRequest): Pool {
    const formatted = this.#metadata.get(metadataOn.dev);
    demand(formatted !== undefined || !features.readOnly, 'nothing to read', 'EPERM');
    const metadata = formatted ?? {
      blockSize,
      dataBlocks: 0n,
      transactionId: 0n,
      heldRoot: false,
      needsCheck: false,
      thins: new Map(),
    };
    demand(metadata.blockSize === blockSize, 'changing the data block size is not supported');
    this.#metadata.set(metadataOn.dev, metadata);
    const pool = new Pool({ device, metadataOn, dataOn, metadata });
    pool.references = 1;
    this.#pools.add(pool);
    return pool;
  }

  /** `__pool_dec` */
  release(pool: Pool): void {
    if (--pool.references === 0) this.#pools.delete(pool);
  }
}
