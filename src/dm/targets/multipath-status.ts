// The status of a multipath target. Source: drivers/md/dm-mpath.c.

import { type Reported, Words } from './words.ts';

const GROUP_STATES: ReadonlyMap<string, string> = new Map([
  ['A', 'active'],
  ['E', 'enabled'],
  ['D', 'disabled'],
]);

/** One path of a group, as it is. */
export interface PathStatus {
  /** `major:minor` */
  readonly device: string;
  /** Whether I/O may go this way. */
  readonly usable: boolean;
  /** The kernel's letter: `A` active, `F` failed, or a newer kernel's. */
  readonly letter: Reported<'A' | 'F'>;
  /** How often it has failed. */
  readonly failures: bigint;
  /** What the selector says of it: requests in flight for queue-length; that and the throughput for service-time. */
  readonly info: readonly string[];
}

/** One group of paths, as it is. */
export interface PathGroupStatus {
  /**
   * I/O goes to the active one; none is active before the first. A disabled one is used only if no other works. The
   * letter of a newer kernel as it is.
   */
  readonly state: Reported<'active' | 'enabled' | 'disabled'>;
  /** What the selector says of the group. */
  readonly info: readonly string[];
  readonly paths: readonly PathStatus[];
}

/** Status of a multipath target. */
export interface MultipathStatus {
  /** Whether I/O waits for a group to be made ready. */
  readonly queueIo: boolean;
  /** How many times groups are being made ready at the moment. */
  readonly pgInitCount: bigint;
  /** Feature words that a newer kernel added. */
  readonly features: readonly string[];
  /** The group in use or next to be used, from 1; 0 without groups. */
  readonly currentGroup: number;
  readonly groups: readonly PathGroupStatus[];
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

function takePath(words: Words, infoWords: number): PathStatus {
  const device = words.word('path device');
  const letter = words.word('path state');
  const failures = words.u64('path failures');
  const info: string[] = [];
  while (info.length < infoWords) info.push(words.word('path info'));
  return { device, usable: letter === 'A', letter, failures, info };
}

function takeGroup(words: Words): PathGroupStatus {
  const letter = words.word('group state');
  const info = words.group('selector status').rest();
  const count = words.count('path count');
  const infoWords = words.count('path info count');
  const paths: PathStatus[] = [];
  while (paths.length < count) paths.push(takePath(words, infoWords));
  return { state: GROUP_STATES.get(letter) ?? letter, info, paths };
}

/** The record of a status. @throws ReplyError naming the word that does not fit */
export function parseMultipathStatus(text: string): MultipathStatus {
  const words = new Words(text, 'multipath status');
  const features = words.group('feature');
  // The first versions had no words here.
  const queueIo = features.more && features.u64('queue_io') !== 0n;
  const pgInitCount = features.more ? features.u64('pg_init count') : 0n;
  words.group('hardware handler');
  const count = words.count('group count');
  const currentGroup = words.count('current group');
  const groups: PathGroupStatus[] = [];
  while (groups.length < count) groups.push(takeGroup(words));
  const others = features.rest();
  return { queueIo, pgInitCount, features: others, currentGroup, groups, extra: words.rest() };
}
