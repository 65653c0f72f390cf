// The base device: an empty filesystem that every layer without a parent is a snapshot of.

import type { CallOptions } from '../dm/options.ts';
import type { Bytes } from '../dm/units.ts';
import { withCleanup } from '../ioctl/attempt.ts';
import type { StorageContext } from './context.ts';
import { activateLayer, deactivateLayer } from './devices.ts';
import { StorageError } from './errors.ts';
import {
  defaultFilesystem,
  type FilesystemType,
  growFilesystem,
  makeFilesystem,
  SURE_GROWTH,
} from './filesystem.ts';
import { type FilesystemHeader, readFilesystemHeader } from './filesystem-header.ts';
import { BASE } from './layout.ts';
import { BASE_SIZE_DEFAULT } from './options.ts';
import type { DeviceSetRecord, LayerRecord } from './records.ts';
import type { Transactions } from './transactions.ts';

/** What a filesystem may leave unused at the end of its device: a growth that a crash interrupted is larger. */
const TAIL: Bytes = 1024n * 1024n;

type Known = Pick<StorageContext, 'dm' | 'pool' | 'layout' | 'records' | 'options'>;
type Parts = StorageContext & {
  readonly transactions: Transactions;
  /** The records name the pool's transaction id. */
  readonly named: boolean;
  /** Hears what is left as it is. */
  readonly notice: (text: string) => void;
};

const baseError = (problem: string, hint?: string): StorageError =>
  new StorageError({ code: 'ERR_STORAGE_BASE', subject: 'the base device', problem, hint });

/**
 * Make the base device, or make sure that it is the right one, and grow it if it is to be larger.
 * @returns what is recorded of it
 * @throws StorageError ERR_STORAGE_BASE, ERR_STORAGE_PROGRAM
 */
export async function ensureBase(
  parts: Parts,
  recorded: DeviceSetRecord | undefined,
  options: CallOptions,
): Promise<DeviceSetRecord> {
  const base = parts.records.get(BASE);
  if (base?.initialized) return checkBase(parts, base, recorded, options);
  if (base === undefined) await refuseUsedPool(parts);
  else await removeUnfinished(parts, base, options);
  return makeBase(parts, options);
}

/** It was being made when its maker died; mkfs may have outlived that. */
async function removeUnfinished(
  parts: Parts,
  base: LayerRecord,
  { signal }: CallOptions,
): Promise<void> {
  await deactivateLayer(parts, BASE, { deferred: false, signal });
  await parts.transactions.unmake(BASE, base);
}

/**
 * A new storage must start from an empty pool that is its own: one on its loop files, one whose transaction id it has
 * recorded, or one that has never had a transaction. A pool with another id is in another program's records, and a
 * change of that id makes them useless.
 */
async function refuseUsedPool({ pool, records, options, named }: Parts): Promise<void> {
  if (records.size > 0) {
    throw baseError(
      'its record is missing, and there are records of layers',
      'Put back metadata/base',
    );
  }
  const status = await pool.status();
  if (status.state !== 'working') return;
  const { data, transactionId } = status;
  const given = options.thinPoolDevice ?? options.directLvm ?? options.dataDevice;
  if (data.used === 0n && (transactionId === 0n || named || given === undefined)) return;
  throw new StorageError({
    code: 'ERR_STORAGE_POOL',
    subject: `thin pool '${pool.name}'`,
    problem: `${data.used} of its blocks are in use, its transaction id is ${transactionId}, and there is no record of the base device`,
    hint: 'It belongs to another storage or program, or the records in metadata are lost: put those back. For a new storage take a new pool',
  });
}

async function makeBase(parts: Parts, { signal }: CallOptions): Promise<DeviceSetRecord> {
  const { options, records, transactions, ids } = parts;
  const type = options.filesystem ?? (await defaultFilesystem());
  const size = options.baseSize ?? BASE_SIZE_DEFAULT;
  const record = await transactions.make(BASE, { size, origin: undefined, signal });
  try {
    const { path } = await activateLayer(parts, BASE, record, { signal });
    await makeFilesystem(path, type, { args: options.mkfsArgs, signal });
    const header = await readFilesystemHeader(path);
    if (header?.type !== type) throw baseError(`mkfs.${type} made no ${type} filesystem`);
    const set = { nextDeviceId: ids.last, baseUuid: header.uuid, baseFilesystem: type };
    await records.writeDeviceSet(set);
    await records.write(BASE, { ...record, initialized: true });
    await deactivateLayer(parts, BASE, { deferred: options.deferredRemoval });
    return set;
  } catch (error) {
    // The next start would do it as well; but one that never comes should leave no half-made device behind.
    await deactivateLayer(parts, BASE, { deferred: false }).catch(() => undefined);
    await transactions.unmake(BASE, record).catch(() => undefined);
    throw error;
  }
}

/**
 * Make sure that this is the pool of the records, as its base device tells; what has none yet is not looked at.
 * @throws StorageError ERR_STORAGE_BASE, PoolError
 */
export async function verifyBase(
  parts: Known,
  recorded: DeviceSetRecord | undefined,
  options: CallOptions,
): Promise<void> {
  const base = parts.records.get(BASE);
  if (base?.initialized) await withBase(parts, base, recorded, async () => undefined, options);
}

/** Run `task` while the base device is active, once it has shown that it is the right one. */
async function withBase<T>(
  parts: Known,
  base: LayerRecord,
  recorded: DeviceSetRecord | undefined,
  task: (header: FilesystemHeader) => Promise<T>,
  { signal }: CallOptions,
): Promise<T> {
  const { path } = await activateLayer(parts, BASE, base, { signal });
  const check = async (): Promise<T> => {
    const header = await readFilesystemHeader(path);
    if (header === undefined) {
      throw baseError(
        `there is no filesystem on thin device ${base.deviceId} of pool '${parts.pool.name}'`,
        'It is another pool, or its data is lost or swapped. Nothing was changed',
      );
    }
    const { baseUuid = '' } = recorded ?? {};
    if (baseUuid !== '' && baseUuid !== header.uuid) {
      throw baseError(
        `its filesystem has UUID ${header.uuid}, and ${baseUuid} is recorded`,
        'It is the base device of another storage: these files and this pool do not belong together. Nothing was changed',
      );
    }
    return task(header);
  };
  return withCleanup(check, () =>
    deactivateLayer(parts, BASE, { deferred: parts.options.deferredRemoval }),
  );
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
      parts.notice(
        `the base device has ${set.baseFilesystem}: dm.fs=${filesystem} is for a new storage, and is ignored`,
      );
    }
    if (baseUuid === '' || baseFilesystem === '') await records.writeDeviceSet(set);
    await growBase(parts, base, header, signal);
    return set;
  };
  return withBase(parts, base, recorded, task, { signal });
}

/** The size is recorded before the filesystem grows: after a crash in between it grows the next time. */
async function growBase(
  parts: Parts,
  base: LayerRecord,
  { type, size }: { readonly type: FilesystemType; readonly size: Bytes },
  signal: AbortSignal | undefined,
): Promise<void> {
  const { records } = parts;
  const wanted = parts.options.baseSize;
  if (wanted === undefined) return;
  if (wanted < base.size) {
    throw baseError(
      `it has ${base.size} bytes, and cannot shrink to the ${wanted} of dm.basesize`,
      'Leave dm.basesize away, or give at least what it has',
    );
  }
  const grown = { ...base, size: wanted };
  const grows = wanted > base.size;
  if (!grows && size + TAIL > wanted) return;
  if (grows) await records.write(BASE, grown);
  const { path } = await activateLayer(parts, BASE, grown, { signal });
  await growFilesystem(path, type, { signal });
  if (!grows || ((await readFilesystemHeader(path))?.size ?? 0n) > size) return;
  // Nothing of the filesystem is in what was added.
  await deactivateLayer(parts, BASE, { deferred: false });
  await records.write(BASE, base);
  throw baseError(
    `its ${type} filesystem cannot grow by so little: it has ${size} bytes, and dm.basesize=${wanted} leaves too few for it`,
    `Leave dm.basesize away, or give at least ${wanted + SURE_GROWTH}`,
  );
}
