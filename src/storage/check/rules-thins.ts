// The thin devices of the pool, compared with the records.

import type { ThinCensus } from '../../thin/metadata/device-details.ts';
import { StorageError } from '../config/errors.ts';
import { BASE, layerWords } from '../directory/layout.ts';
import type { LayerRecord, TransactionRecord } from '../directory/records.ts';
import { isProven } from '../directory/roll-back.ts';
import type { StorageFacts } from './facts.ts';
import { finding, type StorageFinding } from './finding.ts';

/** Thin devices without a record, and records without their thin device. */
export function thinFindings(facts: StorageFacts): readonly StorageFinding[] {
  const { pool, layers } = facts;
  if (pool instanceof StorageError || pool.census === undefined) return [];
  const { census, external } = pool;
  const pending = pendingOf(facts);
  const named = new Set([...layers.values()].map(({ deviceId }) => deviceId));
  // In a pool of another program, such a device may be that program's.
  const unrecorded = external
    ? []
    : [...census.keys()]
        .filter((id) => !named.has(id) && id !== pending?.deviceId)
        .map((id) => finding('thin-unrecorded', `thin device ${id}`, 'no record names it'));
  const records = [...layers].flatMap(([id, record]) =>
    id === pending?.hash ? [] : recordFindings(id, record, census),
  );
  return [...unrecorded, ...records];
}

/** The transaction that the next open rolls back: it decides about its layer. */
function pendingOf({ pool, transaction }: StorageFacts): TransactionRecord | undefined {
  if (pool instanceof StorageError || pool.status?.state !== 'working') return undefined;
  return transaction?.openId === pool.status.transactionId + 1n ? transaction : undefined;
}

function recordFindings(
  id: string,
  record: LayerRecord,
  census: ThinCensus,
): readonly StorageFinding[] {
  const { deviceId, transactionId, deleted } = record;
  const device = census.get(deviceId);
  if (device === undefined) {
    // The deletion of a removed layer does not need its thin device.
    if (deleted && id !== BASE) return [];
    return [finding('thin-missing', layerWords(id), `the pool has no thin device ${deviceId}`)];
  }
  if (isProven({ hash: id, deviceId, openId: transactionId }, record, census)) return [];
  const problem = `its record says that transaction ${transactionId} created thin device ${deviceId}, but transaction ${device.transactionId + 1n} did`;
  return [finding('thin-foreign', layerWords(id), problem)];
}

/** Removed layers that nothing uses any more. */
export function deletionFindings(facts: StorageFacts): readonly StorageFinding[] {
  const { layers, devices, layout, mounted } = facts;
  const pending = pendingOf(facts);
  const held = new Set(
    devices.filter(({ info }) => info.openCount > 0).map(({ info }) => info.name),
  );
  return [...layers].flatMap(([id, { deleted }]) => {
    if (!deleted || id === BASE || id === pending?.hash) return [];
    if (held.has(`${layout.prefix}-${id}`) || mounted.has(id)) return [];
    const problem = 'it is removed, nothing uses it, and it is not deleted yet';
    return [finding('deletion-pending', layerWords(id), problem)];
  });
}
