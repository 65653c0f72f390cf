// The devices and mounts of the kernel, compared with the records.

import { formatDev } from '../../dm/wire/device-number.ts';
import { StorageError } from '../config/errors.ts';
import { idOfRecord, layerWords } from '../directory/layout.ts';
import type { DeviceFacts, StorageFacts } from './facts.ts';
import { finding, type StorageFinding } from './finding.ts';

/** The state of every device of the directory, except an active pool. */
export function deviceFindings(facts: StorageFacts): readonly StorageFinding[] {
  const pool = facts.pool instanceof StorageError ? undefined : facts.pool.info?.name;
  return facts.devices
    .filter(({ info }) => info.name !== pool)
    .flatMap((device) => oneDevice(facts, device));
}

function oneDevice(facts: StorageFacts, device: DeviceFacts): readonly StorageFinding[] {
  const { prefix } = facts.layout;
  const { name, suspended, live, inactive, openCount } = device.info;
  const words = `device ${name}`;
  if (name.startsWith(`${prefix}+`)) {
    // A view that runs has the lock of the directory, as this check does.
    return [finding('view-leftover', words, 'a view died and left it')];
  }
  const findings: StorageFinding[] = [];
  if (inactive) {
    findings.push(finding('device-inactive-table', words, 'it has an inactive table'));
  }
  if (!live) return [...findings, finding('device-without-table', words, 'it has no table')];
  if (suspended) findings.push(finding('device-suspended', words, 'it is suspended'));
  const id = idOf(facts, name);
  const isMounted = id !== undefined && facts.mounted.has(id);
  const growth = facts.growths.get(formatDev(device.info.dev));
  if (growth !== undefined) {
    // This check holds the lock of the directory, so no growth is running.
    const problem = `a process died while it grew the filesystem, which is still mounted on ${growth}`;
    findings.push(finding('growth-interrupted', words, problem));
  }
  const foreign = foreignTable(facts, device);
  if (!isMounted && openCount === 0) {
    findings.push(finding('device-idle', words, 'it is active, and nothing uses it'));
  } else if (foreign !== undefined) findings.push(finding('device-foreign', words, foreign));
  return findings;
}

const idOf = ({ layout }: StorageFacts, name: string): string | undefined =>
  idOfRecord(name.slice(layout.prefix.length + 1));

/** How a device differs from the thin device of the layer in its name; `undefined` if it does not, or without such a layer. */
function foreignTable(facts: StorageFacts, { info, thin }: DeviceFacts): string | undefined {
  const id = idOf(facts, info.name);
  const record = id === undefined ? undefined : facts.layers.get(id);
  const pool = facts.pool instanceof StorageError ? undefined : facts.pool.info;
  if (record === undefined || pool === undefined || thin === undefined) return undefined;
  if (thin.id === record.deviceId && thin.pool === formatDev(pool.dev)) return undefined;
  return `it is thin device ${thin.id} of ${thin.pool}, but ${layerWords(id!)} has thin device ${record.deviceId} of ${formatDev(pool.dev)}`;
}

/** Mounts on the mount points of layers that do not exist. */
export function mountFindings({
  mounted,
  layers,
  layout,
}: StorageFacts): readonly StorageFinding[] {
  return [...mounted]
    .filter((id) => !layers.has(id))
    .map((id) =>
      finding(
        'mount-unknown',
        `${layout.mounts}/${id}`,
        `something is mounted on it, and ${layerWords(id)} does not exist`,
      ),
    );
}
