// How pools are opened and viewed.

import type { HealthThresholds } from '../live/health.ts';
import type { Reserve } from '../live/reserve.ts';
import type { OwnedOptions } from '../live/suspended.ts';

/** How a pool is viewed. */
export interface PoolViewOptions {
  /** The thresholds of the health `'low'`. */
  readonly thresholds?: HealthThresholds;
  /** Where sysfs is mounted. @default '/sys' */
  readonly sysDir?: string;
}

/** How an active pool is opened. */
export interface OpenPoolOptions extends Pick<PoolViewOptions, 'thresholds'> {
  /** The free space that new thin devices and snapshots require. @default one data block */
  readonly reserve?: Reserve;
}

/** How an active pool, possibly another program's, is opened. */
export interface OpenLivePoolOptions extends OpenPoolOptions, OwnedOptions {}
