// The status of a raid target: what the kernel says, and what is meant. Source: …/device-mapper/dm-raid.rst.

import type { Sectors } from '../units.ts';
import type { RaidLevel } from './raid-levels.ts';
import { type Reported, Words } from './words.ts';

/** What the set is busy with. `undef` when the kernel does not know; the word of another kernel (`init`) as it is. */
export type RaidAction = Reported<
  'idle' | 'frozen' | 'resync' | 'recover' | 'check' | 'repair' | 'reshape' | 'undef'
>;

/** Status of a raid target. */
export interface RaidStatus {
  /** The word of a newer kernel as it is. */
  readonly level: Reported<RaidLevel>;
  /** Members. */
  readonly devices: number;
  /**
   * A letter for each member: `A` alive and in sync, `a` alive and not, `D` dead, `-` missing, or a newer kernel's. Where the kernel
   * calls every member of an idle or resyncing set out of sync, the first, which the others are copied from, is `A`.
   */
  readonly health: string;
  /**
   * How far the action has got, in sectors. One less than the kernel says where it says all although some member
   * is not in sync yet.
   */
  readonly progress: { readonly inSync: Sectors; readonly total: Sectors };
  /** `undefined` before version 1.5. */
  readonly action: RaidAction | undefined;
  /** Differences that the last check found. `undefined` before version 1.5. */
  readonly mismatches: bigint | undefined;
  /** Sectors in front of the data on each member. `undefined` before version 1.9. */
  readonly dataOffset: Sectors | undefined;
  /** The journal: `A` writes through, `a` writes back, `D` dead, `-` none. `undefined` before version 1.10. */
  readonly journal: Reported<'A' | 'a' | 'D' | '-'> | undefined;
  /** What the kernel said where this says something else. */
  readonly reported: { readonly health: string; readonly inSync: Sectors };
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

/** The letters as libdevmapper reads them: the member that the others are copied from is in sync. */
const trueHealth = (health: string, action: RaidAction | undefined): string =>
  /^a+$/.test(health) && (action === 'resync' || action === 'idle')
    ? `A${health.slice(1)}`
    : health;

/** The progress as libdevmapper reads it: a set is not complete with a member that is not in sync. */
function trueProgress(
  health: string,
  action: RaidAction | undefined,
  inSync: Sectors,
  total: Sectors,
): Sectors {
  const some = health.includes('a') && !/^a+$/.test(health);
  const misleading = some && inSync === total && (action === 'recover' || action === 'idle');
  return misleading && inSync > 0n ? inSync - 1n : inSync;
}

function takeHealth(words: Words, devices: number): string {
  const health = words.word('health');
  if (health.length !== devices) words.refuse('health', `${devices} letters`, health);
  return health;
}

/**
 * The record of a status. `undefined` for an empty one: the kernel has no name for the set's layout.
 * @throws ReplyError naming the word that does not fit
 */
export function parseRaidStatus(text: string): RaidStatus | undefined {
  const words = new Words(text, 'raid status');
  if (!words.more) return undefined;
  const level = words.word('level');
  const devices = words.count('device count');
  const health = takeHealth(words, devices);
  const { used, total } = words.ratio('progress');
  const action = words.more ? words.word('action') : undefined;
  return {
    level,
    devices,
    health: trueHealth(health, action),
    progress: { inSync: trueProgress(health, action, used, total), total },
    action,
    mismatches: words.more ? words.u64('mismatches') : undefined,
    dataOffset: words.more ? words.u64('data offset') : undefined,
    journal: words.more ? words.word('journal') : undefined,
    reported: { health, inSync: used },
    extra: words.rest(),
  };
}
