// The problems of an active pool that its own state and its thin devices show.

import type { DeviceInfo } from '../../dm/reply/device-info.ts';
import type { ThinPoolStatus } from '../../dm/targets/provisioning/thin-pool.ts';
import type { ActiveThin } from '../devices/active-thins.ts';
import { poolHealth } from '../live/health.ts';

/** The kind of a problem. */
export type PoolProblemCode =
  /** The pool is suspended: all I/O of its thin devices waits. */
  | 'pool-suspended'
  /** The pool has an inactive table, which the next resume makes live. */
  | 'pool-inactive-table'
  /** Some operations fail in this state: see `PoolState`. */
  | 'pool-state'
  /** A thin device is suspended: its I/O waits. */
  | 'device-suspended'
  /** A thin device has an inactive table. */
  | 'device-inactive-table'
  /** Two devices have the same thin id. Writes through both corrupt its content. */
  | 'thin-active-twice';

/** One problem of an active pool. */
export interface PoolProblem {
  readonly code: PoolProblemCode;
  /** The pool or the device: `'device vol'`. */
  readonly subject: string;
  /** The rest of a sentence that begins with the subject. */
  readonly problem: string;
  /** The remedy. */
  readonly advice: string;
}

/** The state of a pool and its active thin devices. */
export interface LivePool {
  readonly info: DeviceInfo;
  readonly status: ThinPoolStatus;
  readonly thins: readonly ActiveThin[];
}

/** The problems of a pool: its own first, then those of its thin devices. */
export function poolProblems({ info, status, thins }: LivePool): readonly PoolProblem[] {
  return [
    ...suspensions('pool', info),
    ...stateProblems(info.name, status),
    ...thins.flatMap(({ info: device }) => suspensions('device', device)),
    ...twice(thins),
  ];
}

function suspensions(
  what: 'pool' | 'device',
  { name, suspended, inactive }: DeviceInfo,
): readonly PoolProblem[] {
  const subject = `${what} ${name}`;
  const problems: PoolProblem[] = [];
  if (inactive) {
    problems.push({
      code: `${what}-inactive-table`,
      subject,
      problem: 'it has an inactive table: a program is changing it, or died while it did',
      advice: `If no program is changing it, "dmts clear ${name}" clears the table`,
    });
  }
  if (suspended) {
    problems.push({
      code: `${what}-suspended`,
      subject,
      problem: 'it is suspended, and its I/O waits',
      advice: `If no program is changing it, "dmts resume ${name}" resumes it`,
    });
  }
  return problems;
}

function stateProblems(name: string, status: ThinPoolStatus): readonly PoolProblem[] {
  const { state, advice } = poolHealth(status);
  if (state === 'ok' || state === 'low') return [];
  return [
    { code: 'pool-state', subject: `pool ${name}`, problem: `it is ${state}`, advice: advice! },
  ];
}

function twice(thins: readonly ActiveThin[]): readonly PoolProblem[] {
  const first = new Map<number, string>();
  return thins.flatMap(({ id, info: { name } }) => {
    const other = first.get(id);
    first.set(id, other ?? name);
    if (other === undefined) return [];
    return [
      {
        code: 'thin-active-twice' as const,
        subject: `thin device ${id}`,
        problem: `it is active as ${other} and as ${name}: writes through both corrupt its content`,
        advice: `Unmount one of the two and remove it: "dmts remove ${name}"`,
      },
    ];
  });
}
