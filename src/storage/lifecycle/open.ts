// Opens a storage directory, step by step: locks it, reads its records, compares them with the pool, and recovers. When a
// step fails, the earlier ones are undone.

import { realpath } from 'node:fs/promises';
import { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { KeyedLock } from '../../dm/device/keyed-lock.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { THIN_ID_MAX } from '../../dm/targets/provisioning/thin.ts';
import { logger } from '../../dm/wire/debug.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { ThinIds } from '../../thin/devices/ids.ts';
import { isPoolError } from '../../thin/live/errors.ts';
import type { ThinCensus } from '../../thin/metadata/device-details.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import { growPool, openPool } from '../backing/pool-setup.ts';
import { parseStorageOptions } from '../config/options.ts';
import { layoutOf } from '../directory/layout.ts';
import type { DeviceSetRecord } from '../directory/records.ts';
import { makeDirectories, Records } from '../directory/records-on-disk.ts';
import { lockRoot } from '../directory/root-lock.ts';
import { Transactions } from '../directory/transactions.ts';
import { Cleanups } from '../layers/cleanups.ts';
import type { StorageContext } from '../layers/context.ts';
import { MountCounts, mountedLayers } from '../layers/mount-counts.ts';
import { removeLeftovers } from '../view/leftovers.ts';
import { ensureBase, verifyBase } from './base-device.ts';
import { compareTransaction } from './pending-transaction.ts';
import { repairDevices } from './repair-devices.ts';
import { rollBackPending, unprovenLayers } from './roll-back.ts';
import { STORAGE_UDEV } from './udev.ts';

/** How a storage directory is opened. */
export interface OpenStorageOptions extends CallOptions {
  /** The directory, created if it does not exist. Docker's is `/var/lib/docker/devicemapper`. */
  readonly root: string;
  /** As `dockerd --storage-opt` takes them: `dm.basesize=20G`. @default [] */
  readonly storageOptions?: readonly string[];
  /** @default false */
  readonly readOnly?: false;
  /** Accept a pool whose transaction id is not the recorded one. @default false */
  readonly acceptPool?: boolean;
  /** The device mapper to use; the storage does not close it. @default a new one, which does not wait for udev */
  readonly dm?: DeviceMapper | undefined;
}

/** How a view of a storage directory is opened. */
export interface OpenViewOptions
  extends Pick<OpenStorageOptions, 'root' | 'storageOptions' | 'dm'> {
  /** Change nothing: see `StorageView`. */
  readonly readOnly: true;
}

/** Everything that an open storage directory consists of. */
export interface OpenedStorage extends StorageContext {
  readonly transactions: Transactions;
  readonly mounts: MountCounts;
  /** Layers whose devices may be active. */
  readonly active: Set<string>;
  readonly deviceSet: DeviceSetRecord;
  /** Layers that cannot be removed: their thin devices are not proven to be theirs. */
  readonly unproven: ReadonlySet<string>;
  /** Another program maintains the pool. */
  readonly external: boolean;
  /** What `openStorage` repaired, and what it found and left unchanged, one sentence each. */
  readonly notices: readonly string[];
  /** Releases the lock and everything else that this process holds. Active devices stay active. */
  readonly release: () => Promise<void>;
}

const log = logger('dmts:storage');

/** Opens a storage directory. @throws what `DevicemapperStorage.open` throws */
export async function openStorage(options: OpenStorageOptions): Promise<OpenedStorage> {
  const cleanups = new Cleanups();
  try {
    return await openWith(cleanups, options);
  } catch (error) {
    // Report the first failure.
    await cleanups.run().catch(() => undefined);
    throw error;
  }
}

async function openWith(
  cleanups: Cleanups,
  {
    root: givenRoot,
    storageOptions = [],
    acceptPool = false,
    signal,
    ...given
  }: OpenStorageOptions,
): Promise<OpenedStorage> {
  const options = parseStorageOptions(storageOptions);
  const notices: string[] = [];
  const notice = (text: string): void => void notices.push(text);
  // Open the device mapper before writing, so that a system without one gets no directories.
  const dm = given.dm ?? cleanups.use(await DeviceMapper.open({ udev: STORAGE_UDEV }));
  await makeDirectories(givenRoot);
  const layout = await layoutOf(await realpath(givenRoot));
  cleanups.use(await lockRoot(layout.root));
  await removeLeftovers(dm, layout);
  const records = cleanups.use(await Records.load(layout));
  const opened = await openPool({
    dm,
    layout,
    options,
    used: records.size > 0,
    notice,
    signal,
  });
  const { pool, external } = opened;
  let ready = false;
  cleanups.defer(async () => {
    if (!ready && opened.activated) await pool.deactivate();
  });
  const context = { layout, options, dm, pool, records, locks: new KeyedLock() };
  const { id, pending, named } = await compareTransaction(context, { acceptPool });
  // Grow before deleting: a pool whose metadata is full refuses messages.
  if (!external) await growPool(pool, options, notice);
  const recorded = await records.readDeviceSet();
  // Before the first change of a file: a wrong pool could have the recorded transaction id, or one less, by chance.
  if (pending !== undefined || records.isOld) await verifyBase(context, recorded, { signal });
  await records.settle(layout);
  const census = await readCensus(pool, signal);
  const evidence = { census, notice };
  let gone: number | undefined;
  if (pending !== undefined) {
    gone = await rollBackPending(context, pending, evidence, { acceptPool });
  }
  const taken = new Set(census?.keys());
  if (gone !== undefined) taken.delete(gone);
  for (const [, record] of records.entries()) taken.add(record.deviceId);
  const ids = new ThinIds(taken, ((recorded?.nextDeviceId ?? 0) + 1) % (THIN_ID_MAX + 1));
  const unproven = unprovenLayers(records, evidence);
  const transactions = new Transactions({ pool, records, ids }, id);
  const mounted = await mountedLayers(layout);
  const active = new Set(await repairDevices(context, mounted, notice));
  const deviceSet = await ensureBase({ ...context, ids, transactions, named, evidence }, recorded, {
    signal,
  });
  ready = true;
  return {
    ...context,
    ids,
    transactions,
    mounts: new MountCounts(mounted),
    active,
    deviceSet,
    unproven,
    external,
    notices,
    release: () => cleanups.run(),
  };
}

/**
 * The thin devices of the pool; `undefined` if its metadata cannot be read. In that case the kernel still refuses an id
 * in use, and no unproven thin device is deleted.
 * @throws DmError, PoolError ERR_POOL_NOT_ACTIVE when a call to the device mapper fails
 */
async function readCensus(
  pool: ThinPool,
  signal: AbortSignal | undefined,
): Promise<ThinCensus | undefined> {
  try {
    return await pool.thinDetails({ signal });
  } catch (error) {
    signal?.throwIfAborted();
    // It says nothing about the metadata, and without the list the thin device of a pending transaction would stay.
    if (isDmError(error) || isPoolError(error, 'ERR_POOL_NOT_ACTIVE')) throw error;
    log?.('cannot list the thin devices: %s', (error as Error).message);
    return undefined;
  }
}
