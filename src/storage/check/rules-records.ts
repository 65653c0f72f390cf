// What the files of `metadata` say on their own.

import { isLeftover } from '../directory/durable-file.ts';
import {
  BASE,
  DEVICE_SET_FILE,
  idOfRecord,
  layerWords,
  TRANSACTION_FILE,
} from '../directory/layout.ts';
import { RESERVE_FILE } from '../directory/reserve-file.ts';
import type { StorageFacts } from './facts.ts';
import { finding, type StorageFinding } from './finding.ts';

/** Files that cannot be read, and files that are not a storage's. */
export function fileFindings({
  names,
  faults,
}: Pick<StorageFacts, 'names' | 'faults'>): readonly StorageFinding[] {
  const invalid = faults.map(({ subject, problem, hint }) =>
    finding('record-invalid', subject, problem, hint?.replace(/^Nothing was changed\. /, '')),
  );
  const others = names.toSorted().flatMap((name) => {
    if (isLeftover(name)) {
      return [finding('file-temporary', `metadata/${name}`, 'a write was interrupted')];
    }
    return isKnown(name)
      ? []
      : [finding('file-unknown', `metadata/${name}`, 'it is not a file of a storage')];
  });
  return [...invalid, ...others];
}

const isKnown = (name: string): boolean =>
  idOfRecord(name) !== undefined ||
  [DEVICE_SET_FILE, TRANSACTION_FILE, RESERVE_FILE].includes(name) ||
  name.endsWith('.migrated');

/** Records that name the same thin device. */
export function duplicateFindings({
  layers,
}: Pick<StorageFacts, 'layers'>): readonly StorageFinding[] {
  const owners = new Map<number, string>();
  return [...layers].flatMap(([id, { deviceId }]) => {
    const other = owners.get(deviceId);
    owners.set(deviceId, id);
    if (other === undefined) return [];
    const problem = `it has thin device ${deviceId}, but ${layerWords(other)} has it as well`;
    return [finding('record-duplicate', layerWords(id), problem)];
  });
}

/** The record of the base device, where there are layers. */
export function baseRecordFindings({
  layers,
}: Pick<StorageFacts, 'layers'>): readonly StorageFinding[] {
  const base = layers.get(BASE);
  const hasLayers = layers.size > (base === undefined ? 0 : 1);
  const words = layerWords(BASE);
  if (base === undefined) {
    return hasLayers ? [finding('base-record', words, 'its record is missing')] : [];
  }
  if (base.deleted) return [finding('base-record', words, 'its record says that it is deleted')];
  if (base.initialized) return [];
  const problem = 'its record says that it is not complete';
  return hasLayers
    ? [finding('base-record', words, `${problem}, but there are records of layers`)]
    : [finding('base-incomplete', words, problem)];
}
