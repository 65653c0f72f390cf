// The state that the files of this folder share: one open storage directory.

import type { DeviceMapper } from '../dm/device-mapper.ts';
import type { KeyedLock } from '../dm/keyed-lock.ts';
import type { ThinIds } from '../thin/ids.ts';
import type { ThinPool } from '../thin/pool.ts';
import type { Layout } from './layout.ts';
import type { StorageOptions } from './options.ts';
import type { Records } from './records-on-disk.ts';

/** An open storage directory. */
export interface StorageContext {
  readonly layout: Layout;
  readonly options: StorageOptions;
  readonly dm: DeviceMapper;
  readonly pool: ThinPool;
  readonly records: Records;
  /** The thin ids in use. */
  readonly ids: ThinIds;
  /** The locks of the layers. */
  readonly locks: KeyedLock;
}
