// Rolls back the pending transaction of a process that died. A thin device that is not proven to belong to it stays.

import { isDmError } from '../../dm/wire/errors.ts';
import type { ThinCensus } from '../../thin/metadata/device-details.ts';
import { isStorageError, StorageError } from '../config/errors.ts';
import { BASE, deviceName, layerWords, recordName } from '../directory/layout.ts';
import type { LayerRecord, TransactionRecord } from '../directory/records.ts';
import type { Records } from '../directory/records-on-disk.ts';
import { isProven, rollBack } from '../directory/roll-back.ts';
import type { StorageContext } from '../layers/context.ts';
import { deactivateLayer, repairDevice } from '../layers/devices.ts';

type Parts = Pick<StorageContext, 'dm' | 'pool' | 'layout' | 'records' | 'options'>;

/** The facts for the rollback of a pending transaction. */
export interface Evidence {
  /** The thin devices of the pool; `undefined` if they cannot be read. */
  readonly census: ThinCensus | undefined;
  /** Gets a sentence about what stays unchanged. */
  readonly notice: (text: string) => void;
}

/**
 * Rolls back a pending transaction. If its layer is in use, the deletion is deferred. A thin device is deleted only if
 * it was created in the recorded transaction, or if its deletion had begun; any other one is left alone.
 * @returns the id that no thin device has now; `undefined` if the thin device stays
 * @throws StorageError ERR_STORAGE_POOL when the pool is older than the record of the layer
 */
export async function rollBackPending(
  parts: Parts,
  pending: TransactionRecord,
  { census, notice }: Evidence,
  { acceptPool }: { readonly acceptPool: boolean },
): Promise<number | undefined> {
  const { records } = parts;
  const { hash, deviceId } = pending;
  const record = records.get(hash);
  if (record?.transactionId === pending.openId && census?.has(deviceId) === false) {
    if (!acceptPool) throw olderPool(parts.pool.name, pending);
    await records.removeTransaction();
    return undefined;
  }
  if (!isProven(pending, record, census)) {
    notice(leftAlone(pending, record));
    // The transaction was to delete a layer that existed before it. That layer stays.
    if (record?.transactionId === pending.openId) await records.remove(hash);
    await records.rollBackTransaction(pending);
    return undefined;
  }
  try {
    await freeDevice(parts, hash);
  } catch (error) {
    // An active device existed before the transaction, so the transaction is a deletion that did not happen.
    if (!isStorageError(error, 'ERR_LAYER_BUSY') || record?.deviceId !== deviceId) throw error;
    await records.write(hash, { ...record, deleted: true });
    await records.removeTransaction();
    return undefined;
  }
  if (census?.has(deviceId)) await rollBack(parts, pending);
  else {
    await records.remove(hash);
    await records.rollBackTransaction(pending);
  }
  notice(
    `a process died while it created or deleted ${layerWords(hash)}: its transaction ${pending.openId} is rolled back, and the pool has no thin device ${deviceId}`,
  );
  return deviceId;
}

/**
 * The layers whose records the pool contradicts: their thin device was created in another transaction, so the record may be
 * damaged or another storage's. Each of them stays, with a notice.
 */
export function unprovenLayers(
  records: Pick<Records, 'entries'>,
  { census, notice }: Evidence,
): ReadonlySet<string> {
  const unproven = new Set<string>();
  // A removal that a caller asked for needs no proof, only the lack of a contradiction.
  if (census === undefined) return unproven;
  for (const [id, record] of records.entries()) {
    const { deleted, deviceId, transactionId } = record;
    // `ensureBase` decides about a base device that is not complete.
    if (id === BASE && (deleted || !record.initialized)) continue;
    const layer = layerWords(id);
    if (!deleted && !census.has(deviceId)) {
      notice(`the record of ${layer} names thin device ${deviceId}, which the pool does not have`);
      continue;
    }
    if (isProven({ hash: id, deviceId, openId: transactionId }, record, census)) continue;
    unproven.add(id);
    notice(
      deleted
        ? `the deletion of ${layer} is pending, but thin device ${deviceId} is not proven to be its device: both stay`
        : `the record of ${layer} names thin device ${deviceId} and transaction ${transactionId}, but the pool created that in transaction ${census.get(deviceId)!.transactionId + 1n}: the record is damaged or belongs to another storage${id === BASE ? '' : ', and the layer cannot be removed'}`,
    );
  }
  return unproven;
}

/** The error for the removal of a layer whose record the pool contradicts. */
export const unprovenError = (id: string, { deviceId }: LayerRecord): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_RECORD',
    subject: layerWords(id),
    problem: `cannot remove it: thin device ${deviceId} is not proven to be its device, because the pool created that in another transaction than metadata/${id} names`,
    hint: 'Restore a copy of the record, or close the storage and move the record away: then the thin device stays in the pool',
  });

/** The thin device of a layer exists before its record does. */
const olderPool = (pool: string, { openId, hash, deviceId }: TransactionRecord): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: `thin pool '${pool}'`,
    problem: `its transaction id is ${openId - 1n}, and it does not have thin device ${deviceId} of ${layerWords(hash)}, whose record is of transaction ${openId} (metadata/${recordName(hash)})`,
    hint: 'The pool is older than the records, or it is another pool: restore the records and the pool of the same time. To continue with the present ones, accept the pool',
  });

function leftAlone({ hash, deviceId, openId }: TransactionRecord, record: LayerRecord | undefined) {
  const layer = layerWords(hash);
  const why = `transaction ${openId} of ${layer} is not complete`;
  return record !== undefined && record.transactionId !== openId
    ? `${why}, and the deletion of thin device ${deviceId} had not begun: ${layer} stays`
    : `${why}, and thin device ${deviceId} is not proven to be its device: the thin device stays in the pool`;
}

/** Deactivates the device of a layer whose creation or deletion was interrupted. */
async function freeDevice(parts: Parts, id: string): Promise<void> {
  const info = await parts.dm.info(deviceName(parts.layout, id)).catch((error) => {
    if (isDmError(error, 'ENXIO')) return undefined;
    throw error;
  });
  if (info === undefined) return;
  await repairDevice(parts, info);
  if (info.live) await deactivateLayer(parts, id, { deferred: false });
}
