// What a process that died left half done, put right before anything else is.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DeviceInfo } from '../dm/device-info.ts';
import { formatDev } from '../dm/device-number.ts';
import { isDmError } from '../dm/errors.ts';
import type { ThinPoolStatus } from '../dm/targets/thin-pool.ts';
import { unmount } from '../ioctl/mount.ts';
import type { ThinCensus } from '../thin/device-details.ts';
import { isPoolError } from '../thin/errors.ts';
import { poolHealth } from '../thin/health.ts';
import { parseMountInfo } from '../thin/mount-table.ts';
import type { ThinPool } from '../thin/pool.ts';
import type { StorageContext } from './context.ts';
import { deactivateLayer, mendDevice } from './devices.ts';
import { isStorageError, StorageError } from './errors.ts';
import { GROWTH_PREFIX } from './filesystem.ts';
import { removeMountPoint } from './layer-mount.ts';
import { deviceName, idOfRecord, type Layout, layerWords } from './layout.ts';
import type { LayerRecord, TransactionRecord } from './records.ts';
import type { Records } from './records-on-disk.ts';
import { takeBack } from './transactions.ts';

type Parts = Pick<StorageContext, 'dm' | 'pool' | 'layout' | 'records' | 'options'>;

/** The pool's transaction id, and the transaction that was under way when somebody died. */
export interface Comparison {
  readonly id: bigint;
  readonly pending: TransactionRecord | undefined;
  /** The records name this transaction id, or the one that was to follow it. */
  readonly named: boolean;
}

/**
 * Compare the transaction that is recorded with the pool. Nothing is changed, except that a pool that is accepted counts as
 * the one that is recorded.
 * @throws StorageError ERR_STORAGE_POOL when this is not the pool that the records are about, or not in the state that
 * they tell of
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

/** What is known of the pool of a pending transaction. */
export interface Evidence {
  /** The thin devices of the pool; `undefined` where they cannot be read. */
  readonly census: ThinCensus | undefined;
  /** Hears what is left as it is. */
  readonly notice: (text: string) => void;
}

/**
 * Roll back a transaction that was not completed. The deletion of a layer that something uses is put off. A thin device is
 * deleted only when it was created in the transaction that the records name; another one is left alone.
 * @returns the id of the thin device that is not in the pool any more
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
    // A layer that was there before the transaction stays: it was to be deleted.
    if (record?.transactionId === pending.openId) await records.remove(hash);
    await records.rollBackTransaction(pending);
    return undefined;
  }
  try {
    await freeDevice(parts, hash);
  } catch (error) {
    // A device that is active was there before: it was the deletion that did not happen.
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
 * The pool has no such thin device, or it is the one that the transaction was about: the pool had the transaction id before
 * that of the record when it was created. One without a record is also newer than every other thin device: a pending create
 * was the last change of the pool.
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
  return [...census.values()].every(({ creationTime }) => creationTime <= device.creationTime);
}

function leftAlone({ hash, deviceId, openId }: TransactionRecord, record: LayerRecord | undefined) {
  const layer = layerWords(hash);
  const why = `transaction ${openId} about ${layer} was not completed, and it is not proven that thin device ${deviceId} is the one it was about`;
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
    problem: `its transaction id is ${id}, and the records tell of ${openId}`,
    hint: `${
      id > openId
        ? 'The files are older than the pool'
        : 'The pool is older than the files, or another one'
    }: put back what belongs together. To go on with what there is, accept the pool as it is`,
  });

const recordError = (problem: string, hint: string): StorageError =>
  new StorageError({
    code: 'ERR_STORAGE_RECORD',
    subject: 'transaction-metadata',
    problem,
    hint: `Nothing was changed. ${hint}`,
  });

/** Refuse to roll back a transaction that the records of layers contradict: it would delete a layer. */
function refuseStranger(records: Records, { openId, hash, deviceId }: TransactionRecord): void {
  const about = `it is about thin device ${deviceId} as ${layerWords(hash)}`;
  const own = records.get(hash);
  if (own !== undefined && own.deviceId !== deviceId) {
    throw recordError(
      `${about}, but that has thin device ${own.deviceId}`,
      'The file or the record does not belong here',
    );
  }
  if (own !== undefined && own.transactionId > openId) {
    throw recordError(
      `${about} in transaction ${openId}, but that was created later, in transaction ${own.transactionId}`,
      'The file or the record does not belong here',
    );
  }
  for (const [id, record] of records.entries()) {
    if (id === hash) continue;
    if (record.deviceId === deviceId) {
      throw recordError(
        `${about}, but that is ${layerWords(id)}`,
        'The file does not belong here, or a record is missing',
      );
    }
    if (record.transactionId >= openId) {
      throw recordError(
        `${about} in transaction ${openId}, but ${layerWords(id)} was created in transaction ${record.transactionId}`,
        'The pool or the file is older than the record. To keep every layer that has a record, move the file away',
      );
    }
  }
}

/** Let go of the device of a layer whose making or deletion was interrupted. */
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
 * Put every device of this storage right: what is suspended is resumed, what has no table or no record goes, and so does
 * what is active and not mounted.
 * @param mounted the layers whose mount points are in use
 * @returns the layers whose devices are still there
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
      // It went while we looked, or somebody uses it: the layer says so when it is asked for.
      if (isDmError(error, 'ENXIO')) continue;
      if (!isPoolError(error) && !(error instanceof StorageError)) throw error;
      there.add(id);
    }
  }
  return there;
}

/** Where filesystems are mounted that somebody was growing who died, by their device. */
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

/** The layer that a device is of, going by its name. */
export function idOfDevice({ prefix }: Layout, name: string): string | undefined {
  if (!name.startsWith(`${prefix}-`)) return undefined;
  const id = idOfRecord(name.slice(prefix.length + 1));
  return id === 'pool' ? undefined : id;
}
