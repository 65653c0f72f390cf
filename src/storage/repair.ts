// Repairs a storage directory: what the next open would do, what its user decided, and a check before and after.

import { checkThinId } from '../dm/targets/provisioning/thin.ts';
import {
  type Check,
  checkFields,
  type FieldChecks,
  isListOf,
  isObject,
} from '../ioctl/input/checks.ts';
import { checkStorage, type StorageReport } from './check/check.ts';
import { checkLayerName } from './directory/layout.ts';
import { type OpenStorageOptions, openStorage } from './lifecycle/open.ts';
import { adoptThin, deleteUnrecorded } from './lifecycle/unrecorded-thins.ts';
import { OPEN } from './option-checks.ts';
import { DevicemapperStorage } from './storage.ts';

/** How a storage directory is repaired. */
export interface RepairStorageOptions extends Omit<OpenStorageOptions, 'readOnly'> {
  /** Thin devices without a record that become layers: the thin id by the id of the new layer. @default {} */
  readonly adopt?: Readonly<Record<string, number>>;
  /** Thin devices without a record to delete, by their ids. **Their content is lost.** @default [] */
  readonly deleteThins?: readonly number[];
}

/** The result of a repair. */
export interface StorageRepair {
  readonly before: StorageReport;
  readonly after: StorageReport;
  /** What was done and what was left unchanged, one sentence each. */
  readonly notices: readonly string[];
}

const isThinId: Check = (value, field) => void checkThinId(value as number, field);
const isAdoption: Check = (value, field) => {
  isObject(value, field);
  for (const [id, thin] of Object.entries(value as object)) {
    checkLayerName(id);
    isThinId(thin, `${field}.${id}`);
  }
};
const REPAIR: FieldChecks<RepairStorageOptions> = {
  ...OPEN,
  adopt: isAdoption,
  deleteThins: isListOf(isThinId),
};

/**
 * Brings the records, the pool and the devices of a storage directory into agreement. It rolls back a transaction that was
 * interrupted, resumes and removes devices that a process left, deletes layers whose removal is pending, and carries out
 * `adopt` and `deleteThins`. It deletes a thin device only if the pool's metadata proves that an interrupted transaction created
 * it, or if `deleteThins` names it. A clean directory does not change. An inactive pool is inactive again afterwards.
 * @throws as `DevicemapperStorage.open`, with nothing changed, when a person must act first: see `StorageFinding.blocks`
 */
export async function repairStorage(options: RepairStorageOptions): Promise<StorageRepair> {
  checkFields(options, REPAIR, ['root']);
  const { adopt = {}, deleteThins = [], ...open } = options;
  const { acceptPool: _, ...check } = open;
  const before = await checkStorage(check);
  const decisions = Object.keys(adopt).length + deleteThins.length;
  if (before.clean && decisions === 0) return { before, after: before, notices: [] };
  const notices: string[] = [];
  if (decisions > 0) await decide(options, notices);
  const storage = await DevicemapperStorage.open(open);
  notices.push(...storage.notices);
  try {
    await storage.deletePending({ ...(open.signal && { signal: open.signal }) });
  } finally {
    // Mounted layers keep their pool active.
    if (before.pool?.active === false) await storage.shutdown();
    else await storage.close();
  }
  return { before, after: await checkStorage(check), notices };
}

/** Carries out the decisions about thin devices without a record. */
async function decide(
  { adopt = {}, deleteThins = [], ...open }: RepairStorageOptions,
  notices: string[],
): Promise<void> {
  const storage = await openStorage(open);
  try {
    for (const [id, deviceId] of Object.entries(adopt)) {
      await adoptThin(storage, id, deviceId, { signal: open.signal });
      notices.push(`thin device ${deviceId} is layer "${id}" now`);
    }
    for (const deviceId of deleteThins) {
      await deleteUnrecorded(storage, deviceId, { signal: open.signal });
      notices.push(`thin device ${deviceId} is deleted`);
    }
  } finally {
    await storage.release();
  }
}
