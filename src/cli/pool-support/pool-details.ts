// The full status of an active pool, in the form of the JSON output.

import type { ThinPoolStatus } from '../../dm/targets/provisioning/thin-pool.ts';
import { SECTOR } from '../../dm/text/units.ts';
import type { ActiveThin } from '../../thin/devices/active-thins.ts';
import type { PoolTable } from '../../thin/live/handle.ts';
import { type PoolHealth, poolHealth, type Usage } from '../../thin/live/health.ts';
import { METADATA_BLOCK } from '../../thin/metadata/metadata-need.ts';
import type { PoolView } from '../../thin/pool/view.ts';
import { percentOf } from '../support/bar.ts';
import { deviceRecord, type JsonRecord } from '../support/json.ts';

/** The current status of an active pool. */
export interface PoolDetails {
  readonly name: string;
  readonly table: PoolTable;
  readonly status: ThinPoolStatus;
  readonly health: PoolHealth;
  readonly thins: readonly ActiveThin[];
}

/** Reads the status of a pool without changing it. @throws PoolError ERR_POOL_NOT_ACTIVE */
export async function readPoolDetails(view: PoolView): Promise<PoolDetails> {
  const [table, status, thins] = await Promise.all([
    view.table(),
    view.status(),
    view.activeThins(),
  ]);
  return { name: view.name, table, status, health: poolHealth(status), thins };
}

/** The JSON form of usage: in blocks, in percent, and with a block size also in bytes. */
export const usageRecord = (
  usage: Usage | undefined,
  blockBytes?: bigint,
): JsonRecord | undefined =>
  usage && {
    used: usage.used,
    total: usage.total,
    percent: percentOf(usage),
    ...(blockBytes !== undefined && {
      usedBytes: usage.used * blockBytes,
      totalBytes: usage.total * blockBytes,
    }),
  };

/** The JSON form of an active thin device. */
export const thinRecord = ({ id, info, length }: ActiveThin): JsonRecord => ({
  id,
  length,
  ...deviceRecord(info),
});

/** The JSON form of a pool. */
export function poolRecord({ table, status, health, thins }: PoolDetails): JsonRecord {
  const { blockSize, lowWaterMark, features = [], metadataDevice, dataDevice } = table.params;
  const working = status.state === 'working' ? status : undefined;
  return {
    ...deviceRecord(table.info),
    state: health.state,
    advice: health.advice,
    data: usageRecord(health.data, blockSize * SECTOR),
    metadata: usageRecord(health.metadata, METADATA_BLOCK),
    mode: working?.mode,
    needsCheck: working?.needsCheck,
    transactionId: working?.transactionId,
    heldRoot: working?.heldRoot,
    length: table.length,
    blockSize,
    blockBytes: blockSize * SECTOR,
    lowWaterMark,
    features,
    metadataDevice,
    dataDevice,
    thins: thins.map(thinRecord),
  };
}
