// Invariants of every kernel after every step.

import type { DeviceSnapshot, Snapshot } from './snapshot.ts';
import { HALF_DONE, type Step } from './steps.ts';
import type { Outcome } from './world.ts';

/** The documented errno codes of each step. */
const CODES: Readonly<Record<Step['do'], readonly string[]>> = {
  create: ['EBUSY', 'ENXIO', 'EINVAL', 'ENOENT', 'ENODEV', 'EOVERFLOW', 'ENODATA', 'EPERM'],
  load: ['ENXIO', 'EINVAL', 'EBUSY', 'ENOENT', 'ENODEV', 'EOVERFLOW', 'ENODATA', 'EPERM'],
  reload: ['ENXIO', 'EINVAL', 'EBUSY', 'ENOENT', 'ENODEV', 'EOVERFLOW', 'ENODATA', 'EPERM'],
  suspend: ['ENXIO'],
  resume: ['ENXIO', 'EINVAL'],
  clear: ['ENXIO'],
  cancel: ['ENXIO'],
  rename: ['ENXIO', 'EBUSY'],
  setUuid: ['ENXIO', 'EBUSY', 'EINVAL'],
  remove: ['ENXIO', 'EBUSY', 'EINVAL'],
  removeAll: [],
  message: ['ENXIO', 'EINVAL', 'EEXIST', 'ENODATA', 'EBUSY', 'ENOTSUP'],
  geometry: ['ENXIO', 'EINVAL'],
  info: ['ENXIO'],
  status: ['ENXIO'],
  table: ['ENXIO'],
  deps: ['ENXIO'],
  wait: ['ENXIO'],
  hold: ['ENXIO', 'ENOENT'],
  release: ['ENXIO', 'EBADF'],
};

/** Rejected by the library itself. */
const OURS = 'ERR_DMTS_INPUT';

function demand(holds: boolean, what: string, value: unknown): void {
  if (!holds)
    throw new Error(
      `${what}: ${JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v))}`,
    );
}

/** Check a step's outcome and the states before and after it. `holds` counts the holders other than tables. */
export function checkInvariants(
  step: Step,
  outcome: Outcome,
  before: Snapshot,
  after: Snapshot,
  holds: (dev: bigint) => number,
): void {
  const code = 'code' in outcome ? outcome.code : undefined;
  const known = code === undefined || code === OURS || CODES[step.do].includes(code);
  demand(known, `${step.do} came to an errno that is not documented`, outcome);
  if (code !== undefined && !HALF_DONE.includes(step.do)) {
    demand(same(before, after), `a ${step.do} that failed changed something`, after);
  }
  checkList(after);
  for (const device of after) checkDevice(device, after, holds(device.entry.dev));
  checkCounters(before, after);
}

const same = (a: Snapshot, b: Snapshot): boolean => text(a) === text(b);
const text = (state: Snapshot): string =>
  JSON.stringify(state, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));

function checkList(state: Snapshot): void {
  const entries = state.map(({ entry }) => entry);
  const names = entries.map(({ mangledName }) => mangledName);
  const unique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
  demand(names.join('\0') === names.toSorted().join('\0'), 'the list is not sorted', names);
  demand(unique(names), 'a name is there twice', names);
  demand(unique(entries.map(({ dev }) => dev)), 'a device number is there twice', entries);
  const uuids = entries.flatMap(({ uuid }) => (uuid === undefined ? [] : [uuid]));
  demand(unique(uuids), 'a uuid is there twice', uuids);
}

function checkDevice(device: DeviceSnapshot, state: Snapshot, holds: number): void {
  const { entry, info, table, inactiveTable, status, deps, inactiveDeps } = device;
  demand(
    entry.uuid === info.uuid && entry.eventNr === info.eventNr,
    'list and info differ',
    device,
  );
  demand(info.live === table.targets.length > 0, 'live, or without a table?', device);
  demand(info.inactive === inactiveTable.targets.length > 0, 'an inactive table, or none?', device);
  demand(info.targetCount === table.targets.length, 'targets are miscounted', device);
  const { info: inactiveInfo, targets } = inactiveTable;
  demand(inactiveInfo.targetCount === targets.length, 'as are inactive ones', device);
  demand(status.targets.length === table.targets.length, 'status and table differ', device);
  demand(!info.readOnly || info.live, 'read-only without a table', device);
  const used = state.filter((other) => [...other.deps, ...other.inactiveDeps].includes(entry.dev));
  const [least, most] = [holds + used.length, holds + 2 * used.length];
  const counted = info.openCount >= least && info.openCount <= most;
  demand(counted, `open count is not from ${least} to ${most}`, device);
  demand(!info.deferredRemove || info.openCount > 0, 'removal is due and not done', device);
  demand(new Set(deps).size === deps.length, 'a dependency is there twice', deps);
  demand(new Set(inactiveDeps).size === inactiveDeps.length, 'the same, inactive', inactiveDeps);
  for (const { targets } of [table, inactiveTable]) checkContiguous(targets);
}

function checkContiguous(targets: DeviceSnapshot['table']['targets']): void {
  let end = 0n;
  for (const { start, length } of targets) {
    demand(start === end && length > 0n, 'a gap in a table', targets);
    end = start + length;
  }
}

/** Event counters never decrease. */
function checkCounters(before: Snapshot, after: Snapshot): void {
  for (const { entry } of before) {
    const now = after.find((device) => device.entry.dev === entry.dev)?.entry;
    // Another device may have the same number.
    if (now === undefined || now.name !== entry.name || now.uuid !== entry.uuid) continue;
    demand(now.eventNr >= entry.eventNr, 'an event counter went back', [entry, now]);
  }
}
