// Recovery: repair what a process that died left, before any other change.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseMountInfo } from '../../block/mount-table.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import type { ThinPoolStatus } from '../../dm/targets/provisioning/thin-pool.ts';
import { formatDev } from '../../dm/wire/device-number.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { unmount } from '../../ioctl/file/mount.ts';
import { isPoolError } from '../../thin/live/errors.ts';
import { poolHealth } from '../../thin/live/health.ts';
import type { ThinCensus } from '../../thin/metadata/device-details.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import { isStorageError, StorageError } from '../config/errors.ts';
import {
  BASE,
  deviceName,
  idOfRecord,
  type Layout,
  layerNameProblem,
  layerWords,
} from '../directory/layout.ts';
import type { LayerRecord, TransactionRecord } from '../directory/records.ts';
import type { Records } from '../directory/records-on-disk.ts';
import { takeBack } from '../directory/transactions.ts';
import { GROWTH_PREFIX } from '../filesystem/filesystem.ts';
import type { StorageContext } from '../layers/context.ts';
import { deactivateLayer, mendDevice } from '../layers/devices.ts';
import { removeMountPoint } from '../layers/layer-mount.ts';

type Parts = Pick<StorageContext, 'dm' | 'pool' | 'layout' | 'records' | 'options'>;

/** The pool's transaction id, and the pending transaction of a process that died. */
export interface Comparison {
  readonly id: bigint;
  readonly pending: TransactionRecord | undefined;
  /** The recorded transaction id is this one or the next one. */
  readonly named: boolean;
}

/**
 * Compare the recorded transaction with the pool. It changes nothing, except that it removes the record of a
 * transaction that contradicts an accepted pool.
 * @throws StorageError ERR_STORAGE_POOL when the pool does not match the records, or its status is not the recorded one
 */
export async function compareTransaction(
  { pool, records }: Pick<Parts, 'pool' | 'records'>,
  { acceptPool }: { readonly acceptPool: boolean },
): Promise<Comparison> {
  const status = await pool.status();
  if (status.state !== 'working') throw failedPool(pool, status);
  const id = status.transactionId;
  const recorded = await records.readTransaction();
  if (recorded === undefined) return { id, pending: undefined, named: false };
  if (recorded.openId === id) return { id, pending: undefined, named: true };
  if (recorded.openId === id + 1n) {
    refuseStranger(records, recorded);
    return { id, pending: recorded, named: true };
  }
  if (!acceptPool) throw otherPool(pool, recorded, id);
  await records.removeTransaction();
  return { id, pending: undefined, named: false };
}

/** The facts for the roll back of a pending transaction. */
export interface Evidence {
  /** The thin devices of the pool; `undefined` if they cannot be read. */
  readonly census: ThinCensus | undefined;
  /** Gets a sentence about what stays unchanged. */
  readonly notice: (text: string) => void;
}

/**
 * Roll back a pending transaction. If its layer is in use, the deletion is deferred. A thin device is deleted only if
 * it was created in the recorded transaction; any other one is left alone.
 * @returns the id of the thin device that is no longer in the pool
 */
export async function takeBackPending(
  parts: Parts,
  pending: TransactionRecord,
  { census, notice }: Evidence,
): Promise<number | undefined> {
  const { records } = parts;
  const { hash, deviceId } = pending;
  const record = records.get(hash);
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
  if (census?.has(deviceId)) await takeBack(parts, pending);
  else {
    await records.remove(hash);
    await records.rollBackTransaction(pending);
  }
  return deviceId;
}

/**
 * Whether the thin device does not exist, or is certainly the one of the transaction: the pool had the transaction id
 * before that of the record when the device was created. A thin device without a record must also be the newest of the
 * pool, because a pending create was the pool's last change. It must also have the mapped blocks that it was created with:
 * none, or those of its origin. Its layer was never activated.
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
  if (record !== undefined) return true;
  const others = [...census].filter(([id]) => id !== deviceId).map(([, details]) => details);
  const isNewest = others.every(({ creationTime }) => creationTime <= device.creationTime);
  const { mappedBlocks } = device;
  const isUnwritten =
    mappedBlocks === 0n || others.some((other) => other.mappedBlocks === mappedBlocks);
  return isNewest && isUnwritten;
}

/**
 * The layers whose deletion is pending although the pool contradicts their records: the thin device was created in another
 * transaction, so the record may be another storage's. Each of them stays, with a notice.
 */
export function unprovenDeletions(
  records: Pick<Records, 'entries'>,
  { census, notice }: Evidence,
): ReadonlySet<string> {
  const unproven = new Set<string>();
  // A removal that a caller asked for needs no proof, only the lack of a contradiction.
  if (census === undefined) return unproven;
  for (const [id, record] of records.entries()) {
    const { deleted, deviceId, transactionId } = record;
    if (!deleted || id === BASE) continue;
    if (isProven({ hash: id, deviceId, openId: transactionId }, record, census)) continue;
    unproven.add(id);
    notice(
      `the deletion of ${layerWords(id)} is pending, but thin device ${deviceId} is not proven to be its device: both stay`,
    );
  }
  return unproven;
}

function leftAlone({ hash, deviceId, openId }: TransactionRecord, record: LayerRecord | undefined) {
  const layer = layerWords(hash);
  const why = `transaction ${openId} of ${layer} is not complete, and thin device ${deviceId} is not proven to be its device`;
  const stays = record !== undefined && record.transactionId !== openId;
  return `${why}: ${stays ? `${layer} stays` : 'the thin device stays in the pool'}`;
}

function failedPool(pool: ThinPool, status: ThinPoolStatus): StorageError {
  const { state, advice } = poolHealth(status);
  return new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: `thin pool '${pool.name}'`,
    problem: `it is ${state}`,
    hint: advice,
  });
}

const otherPool = (pool: ThinPool, { openId }: TransactionRecord, id: bigint): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: `thin pool '${pool.name}'`,
    problem: `its transaction id is ${id}, but the recorded one is ${openId}`,
    hint: `${
      id > openId
        ? 'The records are older than the pool'
        : 'The pool is older than the records, or it is another pool'
    }: restore the records and the pool of the same time. To continue with the present ones, accept the pool`,
  });

const recordError = (problem: string, hint: string): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_RECORD',
    subject: 'transaction-metadata',
    problem,
    hint: `Nothing was changed. ${hint}`,
  });

/** Refuse to roll back a transaction that contradicts the records of layers: that would delete a layer. */
function refuseStranger(records: Records, { openId, hash, deviceId }: TransactionRecord): void {
  const about = `it names thin device ${deviceId} for ${layerWords(hash)}`;
  const own = records.get(hash);
  const problem = hash === BASE ? undefined : layerNameProblem(hash);
  if (problem !== undefined) {
    throw recordError(
      `${about}, which is not a layer id: ${problem}`,
      'Restore the file, or move it away',
    );
  }
  if (hash === BASE && own?.initialized && records.size > 1) {
    throw recordError(
      `${about}, which is complete, and layers exist`,
      'To keep the base device and every layer, move the file away and open the storage again',
    );
  }
  if (own !== undefined && own.deviceId !== deviceId) {
    throw recordError(
      `${about}, but the record of ${layerWords(hash)} names thin device ${own.deviceId}`,
      'The file or the record belongs to another storage',
    );
  }
  if (own !== undefined && own.transactionId > openId) {
    throw recordError(
      `${about} in transaction ${openId}, but ${layerWords(hash)} was created later, in transaction ${own.transactionId}`,
      'The file or the record belongs to another storage',
    );
  }
  for (const [id, record] of records.entries()) {
    if (id === hash) continue;
    if (record.deviceId === deviceId) {
      throw recordError(
        `${about}, but the record of ${layerWords(id)} names the same thin device`,
        'The file belongs to another storage, or a record is missing',
      );
    }
    if (record.transactionId >= openId) {
      throw recordError(
        `${about} in transaction ${openId}, but ${layerWords(id)} was created in transaction ${record.transactionId}`,
        'The pool or the file is older than the record. To keep every layer that has a record, move the file away and open the storage again',
      );
    }
  }
}

/** Deactivate the device of a layer whose creation or deletion was interrupted. */
async function freeDevice(parts: Parts, id: string): Promise<void> {
  const info = await parts.dm.info(deviceName(parts.layout, id)).catch((error) => {
    if (isDmError(error, 'ENXIO')) return undefined;
    throw error;
  });
  if (info === undefined) return;
  await mendDevice(parts, info);
  if (info.live) await deactivateLayer(parts, id, { deferred: false });
}

/**
 * Repair every device of this storage: resume a suspended one, remove one without a table or a record, and deactivate
 * one that is not mounted.
 * @param mounted the layers whose mount points are in use
 * @returns the layers whose devices are still active
 */
export async function tidyDevices(
  parts: Parts,
  mounted: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const { dm, layout, options } = parts;
  const there = new Set<string>();
  const growing = await growthMounts();
  for (const { name } of await dm.list()) {
    const id = idOfDevice(layout, name);
    if (id === undefined || name === parts.pool.name) continue;
    try {
      const info = await dm.info(name);
      await mendDevice(parts, info);
      if (!info.live) continue;
      await endGrowth(growing, info);
      if (info.deferredRemove || mounted.has(id)) there.add(id);
      else if (!(await deactivateLayer(parts, id, { deferred: options.deferredRemoval })))
        there.add(id);
    } catch (error) {
      // Another process removed the device, or it is in use. The next operation on the layer reports that.
      if (isDmError(error, 'ENXIO')) continue;
      if (!isPoolError(error) && !(error instanceof StorageError)) throw error;
      there.add(id);
    }
  }
  return there;
}

/** The mount points of filesystems that a process was growing when it died, by device. */
async function growthMounts(): Promise<ReadonlyMap<string, string>> {
  const table = parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
  return new Map(
    table
      .filter(({ path }) => basename(path).startsWith(GROWTH_PREFIX))
      .map(({ dev, path }) => [dev, path]),
  );
}

async function endGrowth(growing: ReadonlyMap<string, string>, { dev }: DeviceInfo): Promise<void> {
  const path = growing.get(formatDev(dev));
  if (path === undefined) return;
  await unmount(path, { lazy: true });
  await removeMountPoint(path);
}

/** The layer of a device, by the device's name. */
export function idOfDevice({ prefix }: Layout, name: string): string | undefined {
  if (!name.startsWith(`${prefix}-`)) return undefined;
  const id = idOfRecord(name.slice(prefix.length + 1));
  return id === 'pool' ? undefined : id;
}
