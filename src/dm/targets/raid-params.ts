// The parameters of a raid target, in the kernel's order. Source: …/device-mapper/dm-raid.rst.

import { isListOf, isObject } from '../../ioctl/checks.ts';
import { InputError } from '../errors.ts';
import type { Sectors, SectorsInput } from '../units.ts';
import { choiceWord } from './checked-words.ts';
import {
  type ExtraWords,
  flag,
  lowerCase,
  OptionSet,
  type OptionTable,
  pair,
  pairs,
  wordFor,
} from './options.ts';
import { RAID_LEVELS, type RaidLevel, raidFamily, TAKEN_BY } from './raid-levels.ts';
import { choice, device, integer, u64 } from './word-codecs.ts';
import { type ReportedIn, sectorsWord } from './words.ts';
import { powerOfTwoWord } from './write-words.ts';

const I32_MAX = 2 ** 31 - 1;
/** The kernel's `MAX_RAID_DEVICES`. */
const DEVICES_MAX = 253;
const CHUNK_MIN = 8;

/** One member of a raid set. Without `data` it is missing; without `metadata` nothing about it is kept. */
export interface RaidDevice {
  /** Where the superblock and the bitmap are: a path, or `major:minor`. raid10 needs it. @default none */
  readonly metadata?: string;
  /** Where the data is. @default a member that is missing */
  readonly data?: string;
}

/** Optional parameters of a raid target, in the kernel's order. Each level takes only some. */
export interface RaidOptions extends ExtraWords {
  /** Make all members agree first, or take it that they do. `nosync` not with raid6. @default by the superblocks */
  readonly sync?: 'sync' | 'nosync';
  /** Members to be made anew, by index; not together with `sync`. @default [] */
  readonly rebuild?: readonly number[];
  /** Milliseconds between two runs of the daemon that clears bits. */
  readonly daemonSleep?: number;
  /** kB per second and member. */
  readonly minRecoveryRate?: number;
  /** kB per second and member. */
  readonly maxRecoveryRate?: number;
  /** raid1: members that are read only if need be, by index; not all of them. @default [] */
  readonly writeMostly?: readonly number[];
  /** raid1, in sectors. The kernel gives back half of what it was given, so a table read back has half. */
  readonly maxWriteBehind?: Sectors<number>;
  /** raid4/5/6: stripes in the cache. */
  readonly stripeCache?: number;
  /** Sectors that one bit of the bitmap stands for: a power of two. */
  readonly regionSize?: SectorsInput;
  /** raid10: copies of each chunk, 2 to as many as there are members. @default 2 */
  readonly raid10Copies?: number;
  /** raid10: how the copies lie. @default 'near' */
  readonly raid10Format?: 'near' | 'far' | 'offset';
  /** raid10 with `far` or `offset`, as kernels before 3.12 laid copies out. @default false */
  readonly raid10UseNearSets?: boolean;
  /** Members added (positive) or removed (negative) by a reshape. */
  readonly deltaDisks?: number;
  /** Sectors in front of the data on each member, for a reshape. */
  readonly dataOffset?: SectorsInput;
  /** raid4/5/6: a journal, against the write hole. */
  readonly journalDevice?: string;
  /** raid4/5/6, with `journalDevice`. @default 'writethrough' */
  readonly journalMode?: 'writethrough' | 'writeback';
}

/** Parameters of a raid target. */
export interface RaidParams extends RaidOptions {
  readonly level: RaidLevel;
  /** Sectors that one member gets before it is the next one's turn: a power of two from 8; none for raid1. @default 0 */
  readonly chunkSize?: SectorsInput;
  /** 1 to 253. */
  readonly devices: readonly RaidDevice[];
}

/** Parameters of a raid target as its table reads back: a newer kernel may have other words in these fields. */
export type ReportedRaid = ReportedIn<RaidParams, 'level' | 'raid10Format' | 'journalMode'>;

const index = integer(0, DEVICES_MAX - 1);
const count = integer(0, I32_MAX);
const table: OptionTable<RaidOptions> = {
  sync: wordFor({ sync: 'sync', nosync: 'nosync' }),
  rebuild: pairs('rebuild', index),
  daemonSleep: pair('daemon_sleep', count),
  minRecoveryRate: pair('min_recovery_rate', count),
  maxRecoveryRate: pair('max_recovery_rate', count),
  writeMostly: pairs('write_mostly', index),
  maxWriteBehind: pair('max_write_behind', count),
  stripeCache: pair('stripe_cache', count),
  regionSize: pair('region_size', u64),
  raid10Copies: pair('raid10_copies', integer(2, DEVICES_MAX)),
  raid10Format: pair('raid10_format', choice('near', 'far', 'offset')),
  raid10UseNearSets: flag('raid10_use_near_sets'),
  deltaDisks: pair('delta_disks', integer(-DEVICES_MAX, DEVICES_MAX)),
  dataOffset: pair('data_offset', u64),
  journalDevice: pair('journal_dev', device),
  journalMode: pair('journal_mode', choice('writethrough', 'writeback')),
};

/** The optional parameters, both ways. */
export const raidOptions: OptionSet<RaidOptions, ReportedRaid> = new OptionSet<
  RaidOptions,
  ReportedRaid
>('raid', table, lowerCase);

const refuse = (field: string, expected: string, received: unknown): never => {
  throw new InputError({ field: `raid.${field}`, expected, received });
};

/** Whether a parameter says anything: an empty list and `false` do not. */
const isSet = (value: unknown): boolean =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

/** What the kernel would refuse, and would only say so in its log. @throws InputError naming the field */
export function checkRaid(params: RaidParams): void {
  const { level, devices, rebuild = [], writeMostly = [], sync } = params;
  choiceWord(level, 'raid.level', RAID_LEVELS);
  if (!Array.isArray(devices) || devices.length < 1 || devices.length > DEVICES_MAX) {
    refuse('devices', `1 to ${DEVICES_MAX}`, devices?.length);
  }
  isListOf(isObject)(devices, 'raid.devices');
  const family = raidFamily(level);
  for (const [field, families] of Object.entries(TAKEN_BY)) {
    if (!isSet(params[field as keyof RaidOptions]) || families.includes(family)) continue;
    refuse(field, `nothing with ${level}`, params[field as keyof RaidOptions]);
  }
  if (sync === 'nosync' && family === 'raid6') refuse('sync', 'not "nosync" with raid6', sync);
  if (sync !== undefined && rebuild.length > 0) refuse('rebuild', `nothing with ${sync}`, rebuild);
  checkIndexes('rebuild', rebuild, devices.length);
  checkIndexes('writeMostly', writeMostly, devices.length);
  if (writeMostly.length >= devices.length) refuse('writeMostly', 'not all members', writeMostly);
  if (params.journalMode !== undefined && params.journalDevice === undefined) {
    refuse('journalDevice', 'a device, with journalMode', undefined);
  }
  if (family === 'raid10' && !devices.some(({ metadata }) => metadata !== undefined)) {
    refuse('devices[0].metadata', 'a device: raid10 takes its layout from there', undefined);
  }
  devices.forEach((member, i) => {
    if (member.metadata === undefined || member.data !== undefined) return;
    refuse(`devices[${i}].data`, 'a device, with metadata', undefined);
  });
}

function checkIndexes(field: string, indexes: readonly number[], devices: number): void {
  indexes.forEach((at, i) => {
    if (at >= devices) refuse(`${field}[${i}]`, `below ${devices}, the number of devices`, at);
    if (indexes.indexOf(at) !== i) refuse(`${field}[${i}]`, 'each member once', at);
  });
}

/** The word of the chunk size: raid1 has none, and the kernel wants a word all the same. @throws InputError */
export function chunkWord(level: RaidLevel, chunkSize: SectorsInput): string {
  if (level === 'raid1' && sectorsWord(chunkSize, 'raid.chunkSize') === '0') return '0';
  return powerOfTwoWord(chunkSize, 'raid.chunkSize', CHUNK_MIN, 2 ** 30);
}
