// What a process that died left half done, put right before anything else is.

import { isDmError } from '../dm/errors.ts';
import { isPoolError } from '../thin/errors.ts';
import type { ThinPool } from '../thin/pool.ts';
import type { StorageContext } from './context.ts';
import { deactivateLayer, mendDevice } from './devices.ts';
import { StorageError } from './errors.ts';
import { deviceName, idOfRecord, type Layout, layerWords } from './layout.ts';
import type { TransactionRecord } from './records.ts';
import type { Records } from './records-on-disk.ts';
import { takeBack } from './transactions.ts';

type Parts = Pick<StorageContext, 'dm' | 'pool' | 'layout' | 'records' | 'options'>;

/**
 * Compare the transaction that is recorded with the pool: one that was not completed is taken back.
 * @returns the pool's transaction id
 * @throws StorageError ERR_STORAGE_POOL when this is not the pool that the records are about, or not in the state that
 * they tell of. Nothing was changed
 */
export async function recoverTransaction(
  parts: Parts,
  { acceptPool }: { readonly acceptPool: boolean },
): Promise<bigint> {
  const { pool, records } = parts;
  const status = await pool.status();
  if (status.state !== 'working') throw await failedPool(pool);
  const id = status.transactionId;
  const recorded = await records.readTransaction();
  if (recorded === undefined || recorded.openId === id) return id;
  if (recorded.openId !== id + 1n) {
    if (!acceptPool) throw otherPool(pool, recorded, id);
    await records.removeTransaction();
    return id;
  }
  refuseStranger(records, recorded);
  await freeDevice(parts, recorded.hash);
  await takeBack(parts, recorded);
  return id;
}

async function failedPool(pool: ThinPool): Promise<StorageError> {
  const { state, advice } = await pool.health();
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

/** A thin device that another layer has must never be deleted. */
function refuseStranger(records: Records, { hash, deviceId }: TransactionRecord): void {
  for (const [id, record] of records.entries()) {
    if (record.deviceId !== deviceId || id === hash) continue;
    throw new StorageError({
      code: 'ERR_STORAGE_RECORD',
      subject: 'transaction-metadata',
      problem: `it is about thin device ${deviceId} as ${layerWords(hash)}, but that is ${layerWords(id)}`,
      hint: 'Nothing was changed. The file does not belong here, or a record is missing',
    });
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
  for (const { name } of await dm.list()) {
    const id = idOfDevice(layout, name);
    if (id === undefined || name === parts.pool.name) continue;
    try {
      const info = await dm.info(name);
      await mendDevice(parts, info);
      if (!info.live) continue;
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

/** The layer that a device is of, going by its name. */
export function idOfDevice({ prefix }: Layout, name: string): string | undefined {
  if (!name.startsWith(`${prefix}-`)) return undefined;
  const id = idOfRecord(name.slice(prefix.length + 1));
  return id === 'pool' ? undefined : id;
}
