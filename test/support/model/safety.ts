// Detects steps that would hang; sequences skip them.

import { majorOf, minorOf } from '../../../src/index.ts';
import type { Snapshot } from './snapshot.ts';
import type { Line, Ref, Step } from './steps.ts';

function deviceAt(state: Snapshot, ref: Ref): Snapshot[number] | undefined {
  return state.find(({ info }) => {
    if ('name' in ref) return info.name === ref.name;
    if ('uuid' in ref) return info.uuid === ref.uuid;
    return 'minor' in ref && info.minor === ref.minor;
  });
}

/** The minor numbers in a table. */
const minorsOf = (table: readonly Line[]): readonly number[] =>
  table.flatMap(({ params }) =>
    [...params.matchAll(/(?:\$dm|\/dev\/dm-)(\d+)/g)].map(([, minor]) => Number(minor)),
  );

/** Whether `to` is among the devices below `from`. */
function reaches(state: Snapshot, from: readonly number[], to: number, seen: Set<number>): boolean {
  return from.some((minor) => {
    if (minor === to) return true;
    if (seen.has(minor)) return false;
    seen.add(minor);
    const device = state.find(({ info }) => info.minor === minor);
    if (device === undefined) return false;
    const { major } = device.info;
    const below = [...device.deps, ...device.inactiveDeps].filter((dev) => majorOf(dev) === major);
    return reaches(state, below.map(minorOf), to, seen);
  });
}

/** Devices on each other cannot be removed, and I/O to them would loop forever. */
function makesLoop(state: Snapshot, step: Step, refusesItself: boolean): boolean {
  if (!('ref' in step) || !('table' in step)) return false;
  const device = deviceAt(state, step.ref);
  if (device === undefined) return false;
  const { minor } = device.info;
  const others = minorsOf(step.table).filter((below) => !refusesItself || below !== minor);
  return reaches(state, others, minor, new Set());
}

/** A device that its pool has suspended cannot be suspended or resumed before the pool is resumed. */
function waitsForPool(state: Snapshot, step: Step): boolean {
  const forced = step.do === 'remove' && step.force;
  if (step.do !== 'suspend' && step.do !== 'resume' && step.do !== 'reload' && !forced)
    return false;
  return deviceAt(state, step.ref)?.info.internallySuspended ?? false;
}

/** Since this interface, the kernel rejects a table that names its own device. */
const REFUSES_ITSELF = 48;

/** Whether a step returns and creates nothing that cannot be removed, on interface 4.`minor`. */
export const isSafe = (state: Snapshot, step: Step, minor: number): boolean =>
  !makesLoop(state, step, minor >= REFUSES_ITSELF) && !waitsForPool(state, step);
