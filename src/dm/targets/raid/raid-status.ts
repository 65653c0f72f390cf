// The status of a raid target, as reported and as corrected. Source: …/device-mapper/dm-raid.rst.

import type { Sectors } from '../../text/units.ts';
import { type Reported, Words } from '../words/words.ts';
import type { RaidLevel } from './raid-levels.ts';

/** The current action of the set. `undef` if the kernel does not know. A word of another kernel (`init`) is kept. */
export type RaidAction = Reported<
  'idle' | 'frozen' | 'resync' | 'recover' | 'check' | 'repair' | 'reshape' | 'undef'
>;

/** Status of a raid target. */
export interface RaidStatus {
  /** The level. An unknown word of a newer kernel is kept. */
  readonly level: Reported<RaidLevel>;
  /** Number of members. */
  readonly devices: number;
  /**
   * A letter for each member: `A` alive and in sync, `a` alive and out of sync, `D` dead, `-` missing, or a letter of a
   * newer kernel. If the kernel reports every member of an idle or resyncing set as out of sync, the first, which is the
   * source of the copy, is corrected to `A`.
   */
  readonly health: string;
  /**
   * Progress of the action in sectors. If the kernel reports completion although a member is out of sync, `inSync` is
   * one less than reported.
   */
  readonly progress: { readonly inSync: Sectors; readonly total: Sectors };
  /** The current action. `undefined` before version 1.5. */
  readonly action: RaidAction | undefined;
  /** Number of differences that the last check found. `undefined` before version 1.5. */
  readonly mismatches: bigint | undefined;
  /** Sectors before the data on each member. `undefined` before version 1.9. */
  readonly dataOffset: Sectors | undefined;
  /** The journal: `A` write-through, `a` write-back, `D` dead, `-` none. `undefined` before version 1.10. */
  readonly journal: Reported<'A' | 'a' | 'D' | '-'> | undefined;
  /** The values of `health` and `progress.inSync` as the kernel reported them, without the corrections. */
  readonly reported: { readonly health: string; readonly inSync: Sectors };
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

/** The health as libdevmapper interprets it: the source of the copy is in sync. */
const trueHealth = (health: string, action: RaidAction | undefined): string =>
  /^a+$/.test(health) && (action === 'resync' || action === 'idle')
    ? `A${health.slice(1)}`
    : health;

/** The progress as libdevmapper interprets it: a set with a member that is out of sync is incomplete. */
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
 * Parses a status text. `undefined` for an empty one: the kernel has no name for the layout of the set.
 * @throws ReplyError naming the invalid word
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
