// Checks a storage directory: compares its records, its pool and the devices of the kernel. Read-only.

import { realpath } from 'node:fs/promises';
import { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { isDeviceMapper } from '../../dm/device/input.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { withCleanup } from '../../ioctl/input/attempt.ts';
import {
  checkFields,
  type FieldChecks,
  isPath,
  isSignal,
  isTextList,
} from '../../ioctl/input/checks.ts';
import { type PoolState, poolHealth } from '../../thin/live/health.ts';
import { StorageError } from '../config/errors.ts';
import { parseStorageOptions } from '../config/options.ts';
import { BASE, layoutOf } from '../directory/layout.ts';
import { lockRoot } from '../directory/root-lock.ts';
import { Cleanups } from '../layers/cleanups.ts';
import { growthMounts } from '../layers/growth-mounts.ts';
import { mountedLayers } from '../layers/mount-counts.ts';
import { STORAGE_UDEV } from '../lifecycle/udev.ts';
import type { ViewPoolRequest } from '../view/view-pool.ts';
import type { StorageFacts } from './facts.ts';
import type { StorageFinding } from './finding.ts';
import { gatherBase, gatherDamage } from './gather-content.ts';
import { gatherDevices, gatherPool } from './gather-kernel.ts';
import { gatherRecords } from './gather-records.ts';
import { findingsOf } from './rules.ts';

/** How a storage directory is checked. */
export interface CheckStorageOptions extends CallOptions {
  /** The directory. */
  readonly root: string;
  /** As `dockerd --storage-opt` takes them. @default [] */
  readonly storageOptions?: readonly string[];
  /** The device mapper to use; the check does not close it. @default a new one */
  readonly dm?: DeviceMapper | undefined;
}

/** The result of a check. */
export interface StorageReport {
  readonly root: string;
  /** Nothing differs. */
  readonly clean: boolean;
  /** Every difference. */
  readonly findings: readonly StorageFinding[];
  /** What was not checked, one sentence each. */
  readonly notices: readonly string[];
  /** The number of layers that are not removed. */
  readonly layers: number;
  /** The number of thin devices in the pool; `undefined` if they cannot be read. */
  readonly thinDevices: number | undefined;
  /** The pool; `undefined` if it cannot be found. */
  readonly pool:
    | { readonly name: string; readonly active: boolean; readonly state: PoolState | undefined }
    | undefined;
}

const CHECK: FieldChecks<CheckStorageOptions> = {
  root: isPath,
  storageOptions: isTextList,
  dm: isDeviceMapper,
  signal: isSignal,
};

/**
 * Compares the records, the pool and the devices of a storage directory, and names every difference. It changes nothing:
 * neither the directory nor the pool nor its metadata. No other process may have the directory open, because a running
 * change would look like an interrupted one.
 * @throws StorageError ERR_STORAGE_LOCKED, ERR_STORAGE_OPTION; Node's own error if the directory does not exist
 */
export async function checkStorage(options: CheckStorageOptions): Promise<StorageReport> {
  checkFields(options, CHECK, ['root']);
  const { root, storageOptions = [], dm: given, signal } = options;
  const parsed = parseStorageOptions(storageOptions);
  const layout = await layoutOf(await realpath(root));
  const cleanups = new Cleanups();
  const run = async (): Promise<StorageReport> => {
    cleanups.use(await lockRoot(layout.root));
    const dm = given ?? cleanups.use(await DeviceMapper.open({ udev: STORAGE_UDEV }));
    const notices: string[] = [];
    const notice = (text: string): void => void notices.push(text);
    const facts = await gather({ dm, layout, options: parsed }, { notice, signal });
    return report(facts, notices);
  };
  return withCleanup(run, () => cleanups.run());
}

async function gather(
  request: ViewPoolRequest,
  { notice, signal }: { readonly notice: (text: string) => void } & CallOptions,
): Promise<StorageFacts> {
  const { dm, layout } = request;
  const records = await gatherRecords(layout);
  // Before the pool is activated for its content.
  const devices = await gatherDevices(dm, layout);
  const pool = await gatherPool(request, { signal });
  const mounted = await mountedLayers(layout);
  const facts = { ...records, layout, devices, mounted, growths: await growthMounts() };
  if (pool instanceof StorageError) return { ...facts, pool, base: undefined, damage: undefined };
  const isPool = pool.facts.content === undefined || pool.facts.content.state === 'pool';
  const how = { notice, signal };
  const damage = isPool ? await gatherDamage(pool.facts.name, pool.metadata, how) : undefined;
  const base = await gatherBase(request, pool.facts, records.layers.get(BASE), how);
  return { ...facts, pool: pool.facts, base, damage };
}

function report(facts: StorageFacts, notices: readonly string[]): StorageReport {
  const findings = findingsOf(facts);
  const pool = facts.pool instanceof StorageError ? undefined : facts.pool;
  const live = [...facts.layers].filter(([id, { deleted }]) => id !== BASE && !deleted);
  return {
    root: facts.layout.root,
    clean: findings.length === 0,
    findings,
    notices,
    layers: live.length,
    thinDevices: pool?.census?.size,
    pool: pool && {
      name: pool.name,
      active: pool.info !== undefined,
      state: pool.status && poolHealth(pool.status).state,
    },
  };
}
