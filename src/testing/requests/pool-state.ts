// Changes of a thin pool that I/O would cause, made by a test.

import { InputError } from '../../dm/wire/errors.ts';
import type { Device } from '../state/device.ts';
import type { Devices } from '../state/devices.ts';
import type { Pool, PoolMode } from '../state/pool.ts';

/** Changes of a pool. Omitted fields stay unchanged. */
export interface PoolState {
  /** Data blocks in use. */
  readonly usedData?: bigint;
  /** Metadata blocks in use. */
  readonly usedMetadata?: bigint;
  readonly mode?: PoolMode;
  readonly needsCheck?: boolean;
}

/** Changes a pool. Raises an event if its free space falls to the low-water mark or its mode changes. */
export function setPoolState(kernel: Devices, device: Device, state: PoolState): void {
  const pool = kernel.pools.of(device);
  if (pool === undefined || device.live === undefined) {
    throw new InputError({ field: 'name', expected: 'a live thin pool', received: device.name });
  }
  const before = { low: isLow(pool), mode: pool.mode };
  const { usedData, usedMetadata, mode, needsCheck } = state;
  if (usedData !== undefined) pool.usedData = usedData;
  if (usedMetadata !== undefined) pool.usedMetadata = usedMetadata;
  if (needsCheck !== undefined) pool.metadata.needsCheck = needsCheck;
  if (pool.mode !== 'fail') pool.mode = mode ?? modeByUse(pool);
  if ((isLow(pool) && !before.low) || pool.mode !== before.mode) kernel.event(device);
}

const free = ({ metadata, usedData }: Pool): bigint => metadata.dataBlocks - usedData;

const isLow = (pool: Pool): boolean => free(pool) <= pool.lowWaterMark;

/** The mode of a pool after a change of its usage: out of data space if and only if no block is free. */
function modeByUse(pool: Pool): PoolMode {
  if (pool.mode === 'rw' && free(pool) <= 0n) return 'out_of_data_space';
  if (pool.mode === 'out_of_data_space' && free(pool) > 0n) return 'rw';
  return pool.mode;
}
