// The base device: an empty filesystem. Every layer without a parent is a snapshot of it.

import type { CallOptions } from '../../dm/device/options.ts';
import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import type { Bytes } from '../../dm/text/units.ts';
import { InputError, isDmError } from '../../dm/wire/errors.ts';
import { withCleanup } from '../../ioctl/input/attempt.ts';
import { isPoolError } from '../../thin/live/errors.ts';
import { StorageError } from '../config/errors.ts';
import { BASE_SIZE_DEFAULT } from '../config/options.ts';
import { BASE } from '../directory/layout.ts';
import type { DeviceSetRecord, LayerRecord } from '../directory/records.ts';
import { isProven } from '../directory/roll-back.ts';
import type { Transactions } from '../directory/transactions.ts';
import {
  defaultFilesystem,
  type FilesystemType,
  growFilesystem,
  makeFilesystem,
  SURE_GROWTH,
  UNUSED_TAIL,
} from '../filesystem/filesystem.ts';
import { type FilesystemHeader, readFilesystemHeader } from '../filesystem/filesystem-header.ts';
import type { StorageContext } from '../layers/context.ts';
import { activateLayer, deactivateLayer } from '../layers/devices.ts';
import type { Evidence } from './roll-back.ts';

type Known = Pick<StorageContext, 'dm' | 'pool' | 'layout' | 'records' | 'options'>;
type Parts = StorageContext & {
  readonly transactions: Transactions;
  /** The pool's transaction id is the recorded one. */
  readonly named: boolean;
  readonly evidence: Evidence;
};

const baseError = (problem: string, hint?: string): StorageError =>
  new StorageError({ code: 'ERR_STORAGE_BASE', subject: 'the base device', problem, hint });

/**
 * Creates the base device, or checks the existing one and grows it to `dm.basesize`.
 * @returns the record of all devices
 * @throws StorageError ERR_STORAGE_BASE, ERR_STORAGE_PROGRAM
 */
export async function ensureBase(
  parts: Parts,
  recorded: DeviceSetRecord | undefined,
  options: CallOptions,
): Promise<DeviceSetRecord> {
  const base = parts.records.get(BASE);
  refuseRecord(parts.records);
  if (base?.initialized) return checkBase(parts, base, recorded, options);
  if (base === undefined) await refuseUsedPool(parts);
  else {
    await removeUnfinished(parts, base, options);
    parts.evidence.notice('the base device was not complete: it is created anew');
  }
  return makeBase(parts, options);
}

/** Refuses a record of the base device that contradicts the other records. @throws StorageError ERR_STORAGE_BASE */
function refuseRecord(records: StorageContext['records']): void {
  const base = records.get(BASE);
  const problem = base?.deleted
    ? 'its record says that it is deleted'
    : base === undefined && records.size > 0
      ? 'its record is missing, but there are records of layers'
      : base?.initialized === false && records.size > 1
        ? 'its record says that it is not complete, but there are records of layers'
        : undefined;
  if (problem !== undefined) throw baseError(problem, 'Restore metadata/base');
}

/**
 * Deletes a base device whose creator died. Its mkfs may still run. A thin device that is not proven to be the base device is
 * left alone.
 */
async function removeUnfinished(
  parts: Parts,
  base: LayerRecord,
  { signal }: CallOptions,
): Promise<void> {
  const { transactions, records, evidence } = parts;
  const { deviceId, transactionId } = base;
  await deactivateLayer(parts, BASE, { deferred: false, signal });
  const created = { hash: BASE, deviceId, openId: transactionId };
  if (isProven(created, base, evidence.census)) return transactions.delete(BASE, base);
  evidence.notice(
    `the base device is not complete, and thin device ${deviceId} is not proven to be the base device: the thin device stays in the pool`,
  );
  await records.remove(BASE);
}

/**
 * A new storage must start from an empty pool of its own: a pool on its loop files, a pool whose transaction id it has
 * recorded, or a pool that has never had a transaction. A pool with another transaction id belongs to another program,
 * and a change of that id would invalidate its records.
 */
async function refuseUsedPool({ pool, options, named }: Parts): Promise<void> {
  const status = await pool.status();
  if (status.state !== 'working') return;
  const { data, transactionId } = status;
  const given = options.thinPoolDevice ?? options.directLvm ?? options.dataDevice;
  if (data.used === 0n && (transactionId === 0n || named || given === undefined)) return;
  throw new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: `thin pool '${pool.name}'`,
    problem: `${data.used} of its blocks are in use, its transaction id is ${transactionId}, and the record of the base device is missing`,
    hint: 'It belongs to another storage or program, or the records in metadata are lost: restore them. For a new storage use a new pool',
  });
}

async function makeBase(parts: Parts, { signal }: CallOptions): Promise<DeviceSetRecord> {
  const { options, records, transactions, ids } = parts;
  const type = options.filesystem ?? (await defaultFilesystem());
  const size = options.baseSize ?? BASE_SIZE_DEFAULT;
  const record = await transactions.create(BASE, { size, origin: undefined, signal });
  try {
    const { path } = await activateLayer(parts, BASE, record, { signal });
    await makeFilesystem(path, type, { args: options.mkfsArgs, signal });
    const header = await readFilesystemHeader(path);
    if (header?.type !== type) throw baseError(`mkfs.${type} did not create an ${type} filesystem`);
    const set = { nextDeviceId: ids.last, baseUuid: header.uuid, baseFilesystem: type };
    await records.writeDeviceSet(set);
    await records.write(BASE, { ...record, initialized: true });
    await deactivateLayer(parts, BASE, { deferred: options.deferredRemoval });
    return set;
  } catch (error) {
    // The next open would clean up as well, but it may never come.
    await deactivateLayer(parts, BASE, { deferred: false }).catch(() => undefined);
    await transactions.delete(BASE, record).catch(() => undefined);
    throw error;
  }
}

/**
 * Checks by the base device that the pool and the options match the records, before a file is changed.
 * @throws StorageError ERR_STORAGE_BASE, PoolError
 */
export async function verifyBase(
  parts: Known,
  recorded: DeviceSetRecord | undefined,
  options: CallOptions,
): Promise<void> {
  const base = parts.records.get(BASE);
  refuseRecord(parts.records);
  if (base?.initialized) await withBase(parts, base, recorded, async () => undefined, options);
}

/** Activates the base device, checks its filesystem's UUID, and runs `task`. */
async function withBase<T>(
  parts: Known,
  base: LayerRecord,
  recorded: DeviceSetRecord | undefined,
  task: (header: FilesystemHeader) => Promise<T>,
  { signal }: CallOptions,
): Promise<T> {
  const { path } = await activateBase(parts, base, signal);
  const check = async (): Promise<T> => {
    const header = await readFilesystemHeader(path);
    if (header === undefined) {
      throw baseError(
        `cannot find a filesystem on thin device ${base.deviceId} of pool '${parts.pool.name}'`,
        'It is another pool, or its data is lost or replaced. Nothing was changed',
      );
    }
    const { baseUuid = '' } = recorded ?? {};
    if (baseUuid !== '' && baseUuid !== header.uuid) {
      throw baseError(
        `its filesystem has UUID ${header.uuid}, but the recorded one is ${baseUuid} (BaseDeviceUUID in metadata/deviceset-metadata)`,
        'It is the base device of another storage: these records and this pool do not belong together. Nothing was changed',
      );
    }
    if (header.size > base.size) {
      throw baseError(
        `its filesystem has ${header.size} bytes, but its recorded size is ${base.size} (size in metadata/base)`,
        'Restore a copy of the record. Nothing was changed',
      );
    }
    const { baseSize } = parts.options;
    if (baseSize !== undefined && baseSize < base.size) {
      throw baseError(
        `cannot shrink from ${base.size} bytes to dm.basesize=${baseSize}`,
        `Omit dm.basesize, or give at least ${base.size}`,
      );
    }
    return task(header);
  };
  return withCleanup(check, () =>
    deactivateLayer(parts, BASE, { deferred: parts.options.deferredRemoval }),
  );
}

/** Activates the base device. @throws StorageError ERR_STORAGE_BASE when the pool has no such device, PoolError */
async function activateBase(
  parts: Known,
  base: LayerRecord,
  signal: AbortSignal | undefined,
): Promise<DeviceInfo> {
  try {
    return await activateLayer(parts, BASE, base, { signal });
  } catch (error) {
    const isRecord = isPoolError(error, 'ERR_THIN_MISSING') || error instanceof InputError;
    if (!isRecord && !isDmError(error, 'EINVAL', 'EFBIG', 'EOVERFLOW')) throw error;
    throw new StorageError({
      code: 'ERR_STORAGE_BASE',
      subject: 'the base device',
      problem: `cannot activate it as thin device ${base.deviceId} with ${base.size} bytes (device_id and size in metadata/base): ${error.message}`,
      hint: 'The record is damaged, or it is another pool: restore a copy of the record. Nothing was changed',
      cause: error,
    });
  }
}

function checkBase(
  parts: Parts,
  base: LayerRecord,
  recorded: DeviceSetRecord | undefined,
  { signal }: CallOptions,
): Promise<DeviceSetRecord> {
  const { records, ids } = parts;
  const { baseUuid = '', baseFilesystem = '' } = recorded ?? {};
  const task = async (header: FilesystemHeader): Promise<DeviceSetRecord> => {
    const set = {
      nextDeviceId: ids.last,
      baseUuid: header.uuid,
      baseFilesystem: baseFilesystem || header.type,
    };
    const { filesystem } = parts.options;
    if (filesystem !== undefined && filesystem !== set.baseFilesystem) {
      parts.evidence.notice(
        `the base device has ${set.baseFilesystem}: dm.fs=${filesystem} only applies to a new storage and is ignored`,
      );
    }
    if (baseUuid === '' || baseFilesystem === '') await records.writeDeviceSet(set);
    await growBase(parts, base, header, signal);
    return set;
  };
  return withBase(parts, base, recorded, task, { signal });
}

/** The size is recorded before the filesystem grows. After a crash in between, the next open grows it. */
async function growBase(
  parts: Parts,
  base: LayerRecord,
  { type, size }: { readonly type: FilesystemType; readonly size: Bytes },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { records } = parts;
  const wanted = parts.options.baseSize;
  if (wanted === undefined) return;
  const grown = { ...base, size: wanted };
  const grows = wanted > base.size;
  if (!grows && size + UNUSED_TAIL > wanted) return;
  if (grows) await records.write(BASE, grown);
  const { path } = await activateLayer(parts, BASE, grown, { signal });
  await growFilesystem(path, type, { signal });
  if (!grows || ((await readFilesystemHeader(path))?.size ?? 0n) > size) return;
  // The filesystem does not use the added range.
  await deactivateLayer(parts, BASE, { deferred: false });
  await records.write(BASE, base);
  throw baseError(
    `cannot grow its ${type} filesystem from ${size} bytes to dm.basesize=${wanted}: the filesystem cannot use so small a growth`,
    `Omit dm.basesize, or give at least ${wanted + SURE_GROWTH}`,
  );
}
