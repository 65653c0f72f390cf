// Whether a thin device belongs to a transaction, by the pool's metadata, and how the transaction is rolled back.

import { isPoolError } from '../../thin/live/errors.ts';
import type { ThinCensus } from '../../thin/metadata/device-details.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import type { LayerRecord, TransactionRecord } from './records.ts';
import type { Records } from './records-on-disk.ts';

/**
 * Whether the thin device does not exist, or is certainly the one of the transaction: the pool had the transaction id
 * before that of the record when the device was created. A later transaction with the id of a layer was to delete it. That
 * is certain only if the record says that it is deleted, or its blocks are discarded, which Docker does first: a single
 * wrong bit in the intent looks the same. A thin device without a record must also be the newest of the pool, because a
 * pending create was the pool's last change. It must also have as many mapped blocks as it was created with: none, or those
 * of its origin. The origin is not recorded, so the number of any other device suffices. A device whose origin has got more
 * blocks since is not proven, and stays.
 */
export function isProven(
  { deviceId, openId }: TransactionRecord,
  record: LayerRecord | undefined,
  census: ThinCensus | undefined,
): boolean {
  if (census === undefined) return false;
  const device = census.get(deviceId);
  if (device === undefined) return true;
  if (device.transactionId + 1n !== (record?.transactionId ?? openId)) return false;
  if (record !== undefined) {
    const hasBegun = record.deleted || device.mappedBlocks === 0n;
    return record.transactionId === openId || hasBegun;
  }
  const others = [...census].filter(([id]) => id !== deviceId).map(([, details]) => details);
  const isNewest = others.every(({ creationTime }) => creationTime <= device.creationTime);
  const { mappedBlocks } = device;
  const isUnwritten =
    mappedBlocks === 0n || others.some((other) => other.mappedBlocks === mappedBlocks);
  return isNewest && isUnwritten;
}

/**
 * Rolls back a transaction: removes the intent after the thin device and the layer's record. A part that is already gone is
 * not an error, so after a crash the rollback can run again.
 *
 * A creation writes the record last, so its rollback removes the record first: a record of the pending transaction
 * without a thin device is the mark of an older pool. The rollback of a deletion removes the record after the thin device:
 * nothing else proves that the device is the layer's.
 */
export async function rollBack(
  { pool, records }: { readonly pool: ThinPool; readonly records: Records },
  intended: TransactionRecord,
): Promise<void> {
  const { hash, deviceId, openId } = intended;
  if (records.get(hash)?.transactionId === openId) await records.remove(hash);
  try {
    await pool.deleteThin(deviceId);
  } catch (error) {
    if (!isPoolError(error, 'ERR_THIN_MISSING')) throw error;
  }
  await records.remove(hash);
  await records.rollBackTransaction(intended);
}
