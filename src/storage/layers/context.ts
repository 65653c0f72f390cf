// The state that the files of this folder share: one open storage directory.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { KeyedLock } from '../../dm/device/keyed-lock.ts';
import type { ThinIds } from '../../thin/devices/ids.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import type { StorageOptions } from '../config/options.ts';
import type { Layout } from '../directory/layout.ts';
import type { Records } from '../directory/records-on-disk.ts';

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
