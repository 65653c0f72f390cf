// raid: the kernel's md personalities as a target. Source: …/device-mapper/dm-raid.rst, drivers/md/dm-raid.c.

import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import { deviceWord, type Words } from '../words/words.ts';
import { RAID_LEVELS } from './raid-levels.ts';
import {
  checkRaid,
  chunkWord,
  type RaidDevice,
  type RaidParams,
  type ReportedRaid,
  raidOptions,
} from './raid-params.ts';
import { parseRaidStatus, type RaidStatus } from './raid-status.ts';

/**
 * The messages of a raid set. They fail with EINVAL for raid0, and with EBUSY while the device is suspended or another
 * action is running.
 */
export interface RaidMessages extends Messages {
  /**
   * Stops the running action; the kernel may restart it. The kernel stops it and still returns EINVAL, or EBUSY if it has
   * restarted the action: check the status.
   */
  readonly idle: () => string;
  /** Stops the running action until another message. Like `idle`, it returns EINVAL although it succeeded. */
  readonly frozen: () => string;
  /** Synchronizes the members. */
  readonly resync: () => string;
  /** Rebuilds the data that members lack. */
  readonly recover: () => string;
  /** Compares the members and counts the differences. */
  readonly check: () => string;
  /** Compares the members and repairs the differences. */
  readonly repair: () => string;
}

const memberWords = ({ metadata, data }: RaidDevice, i: number): readonly string[] => [
  metadata === undefined ? '-' : deviceWord(metadata, `raid.devices[${i}].metadata`),
  data === undefined ? '-' : deviceWord(data, `raid.devices[${i}].data`),
];

const takeMember = (words: Words): RaidDevice => {
  const metadata = words.word('metadata device');
  const data = words.word('data device');
  return { ...(metadata !== '-' && { metadata }), ...(data !== '-' && { data }) };
};

/**
 * Restores the word `raid10_use_near_sets`, which the kernel counts but does not print. The table is then one word short,
 * and the number of devices is in the place of the last counted word.
 */
function withNearSets(text: string): string {
  const words = text.split(' ').filter((word) => word !== '');
  const [level = '', count = ''] = words;
  const at = 1 + Number(count);
  const isCountAt = (i: number): boolean =>
    /^\d{1,3}$/.test(words[i] ?? '') && words.length === i + 1 + 2 * Number(words[i]);
  if (!/^raid10/i.test(level) || !isCountAt(at) || isCountAt(at + 1)) return text;
  return words.toSpliced(at, 0, 'raid10_use_near_sets').join(' ');
}

/** The kernel's md personalities as a target. Needs the module of the level: raid0, raid1, raid10 or raid456. */
export const raid: TargetKind<RaidParams, RaidStatus | undefined, RaidMessages, ReportedRaid> =
  targetKind<RaidParams, RaidStatus | undefined, RaidMessages, ReportedRaid>('raid', {
    formatParams: (params) => {
      const { level, chunkSize = 0n, devices } = params;
      const optional = raidOptions.format(params);
      checkRaid(params);
      const chunk = chunkWord(level, chunkSize);
      const members = devices.flatMap(memberWords);
      return [level, optional.length + 1, chunk, ...optional, devices.length, ...members].join(' ');
    },
    mendText: withNearSets,
    readParams: (words) => {
      const level = words.known('level', RAID_LEVELS);
      const group = words.group('parameter');
      const chunkSize = group.u64('chunk size');
      const optional = raidOptions.parse(group);
      const count = words.count('device count');
      const devices: RaidDevice[] = [];
      while (devices.length < count) devices.push(takeMember(words));
      return { level, chunkSize, ...optional, devices };
    },
    parseStatus: parseRaidStatus,
    messages: {
      idle: () => 'idle',
      frozen: () => 'frozen',
      resync: () => 'resync',
      recover: () => 'recover',
      check: () => 'check',
      repair: () => 'repair',
    },
  });
