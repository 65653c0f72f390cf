// The status of a multipath target. Source: drivers/md/dm-mpath.c.

import { type Reported, Words } from '../words/words.ts';

const GROUP_STATES: ReadonlyMap<string, string> = new Map([
  ['A', 'active'],
  ['E', 'enabled'],
  ['D', 'disabled'],
]);

/** Status of one path of a group. */
export interface PathStatus {
  /** `major:minor` */
  readonly device: string;
  /** Whether I/O can use the path. */
  readonly usable: boolean;
  /** The kernel's letter: `A` active, `F` failed, or a letter of a newer kernel. */
  readonly letter: Reported<'A' | 'F'>;
  /** Number of failures. */
  readonly failures: bigint;
  /** The selector's status of the path: requests in flight (queue-length), and also the throughput (service-time). */
  readonly info: readonly string[];
}

/** Status of one group of paths. */
export interface PathGroupStatus {
  /**
   * I/O uses the active group; no group is active before the first I/O. A disabled group is used only if no other works.
   * An unknown letter of a newer kernel is kept.
   */
  readonly state: Reported<'active' | 'enabled' | 'disabled'>;
  /** The selector's status of the group. */
  readonly info: readonly string[];
  readonly paths: readonly PathStatus[];
}

/** Status of a multipath target. */
export interface MultipathStatus {
  /** Whether I/O waits for the initialization of a group. */
  readonly queueIo: boolean;
  /** Number of running initializations of groups. */
  readonly pgInitCount: bigint;
  /** Feature words that a newer kernel added. */
  readonly features: readonly string[];
  /** The current or next group, from 1; 0 without groups. */
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

/** Parses a status text. @throws ReplyError naming the invalid word */
export function parseMultipathStatus(text: string): MultipathStatus {
  const words = new Words(text, 'multipath status');
  const features = words.group('feature');
  // The first versions have no words here.
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
