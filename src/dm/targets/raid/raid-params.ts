// The parameters of a raid target, in the kernel's order. Source: …/device-mapper/dm-raid.rst.

import { isListOf, isObject } from '../../../ioctl/input/checks.ts';
import type { Sectors, SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { choiceWord } from '../words/checked-words.ts';
import {
  type ExtraWords,
  flag,
  lowerCase,
  OptionSet,
  type OptionTable,
  pair,
  pairs,
  wordFor,
} from '../words/options.ts';
import { choice, device, integer, u64 } from '../words/word-codecs.ts';
import { type ReportedIn, sectorsWord } from '../words/words.ts';
import { powerOfTwoWord } from '../words/write-words.ts';
import { RAID_LEVELS, type RaidLevel, raidFamily, TAKEN_BY } from './raid-levels.ts';

const I32_MAX = 2 ** 31 - 1;
/** The kernel's `MAX_RAID_DEVICES`. */
const DEVICES_MAX = 253;
const CHUNK_MIN = 8;

/** One member of a raid set. Without `data` it is missing; without `metadata` it has no superblock. */
export interface RaidDevice {
  /** The device for superblock and bitmap: a path, or `major:minor`. raid10 needs it. @default none */
  readonly metadata?: string;
  /** The device for the data. @default the member is missing */
  readonly data?: string;
}

/** Optional parameters of a raid target, in the kernel's order. Each level accepts only some of them. */
export interface RaidOptions extends ExtraWords {
  /** Synchronize the members first, or assume that they are in sync (not with raid6). @default from the superblocks */
  readonly sync?: 'sync' | 'nosync';
  /** Indexes of the members to rebuild; not with `sync`. @default [] */
  readonly rebuild?: readonly number[];
  /** Milliseconds between two runs of the daemon that clears bits of the bitmap. */
  readonly daemonSleep?: number;
  /** Minimum recovery rate in kB per second and member. */
  readonly minRecoveryRate?: number;
  /** Maximum recovery rate in kB per second and member. */
  readonly maxRecoveryRate?: number;
  /** raid1: indexes of the members that are read only if necessary; not all members. @default [] */
  readonly writeMostly?: readonly number[];
  /** raid1: maximum write-behind in sectors. The kernel reports half of the value that it was given. */
  readonly maxWriteBehind?: Sectors<number>;
  /** raid4/5/6: size of the stripe cache. */
  readonly stripeCache?: number;
  /** Sectors per bit of the bitmap: a power of two. */
  readonly regionSize?: SectorsInput;
  /** raid10: number of copies of each chunk, from 2 to the number of members. @default 2 */
  readonly raid10Copies?: number;
  /** raid10: placement of the copies. @default 'near' */
  readonly raid10Format?: 'near' | 'far' | 'offset';
  /** raid10 with `far` or `offset`: use the placement of kernels before 3.12. @default false */
  readonly raid10UseNearSets?: boolean;
  /** Number of members that a reshape adds (positive) or removes (negative). */
  readonly deltaDisks?: number;
  /** Sectors before the data on each member, for a reshape. */
  readonly dataOffset?: SectorsInput;
  /** raid4/5/6: the journal device, which closes the write hole. */
  readonly journalDevice?: string;
  /** raid4/5/6: mode of the journal; needs `journalDevice`. @default 'writethrough' */
  readonly journalMode?: 'writethrough' | 'writeback';
}

/** Parameters of a raid target. */
export interface RaidParams extends RaidOptions {
  readonly level: RaidLevel;
  /** Size of a chunk in sectors: a power of two from 8; 0 for raid1. @default 0 */
  readonly chunkSize?: SectorsInput;
  /** The members, 1 to 253. */
  readonly devices: readonly RaidDevice[];
}

/** Parameters of a raid target, read from its table: a newer kernel may have other words in these fields. */
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

/** Formats and parses the optional parameters. */
export const raidOptions: OptionSet<RaidOptions, ReportedRaid> = new OptionSet<
  RaidOptions,
  ReportedRaid
>('raid', table, lowerCase);

const refuse = (field: string, expected: string, received: unknown): never => {
  throw new InputError({ field: `raid.${field}`, expected, received });
};

/** Whether a parameter is set: an empty list and `false` count as unset. */
const isSet = (value: unknown): boolean =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

/** Rejects what the kernel would reject with a message in its log only. @throws InputError naming the field */
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
    refuse(field, `no value with ${level}`, params[field as keyof RaidOptions]);
  }
  if (sync === 'nosync' && family === 'raid6')
    refuse('sync', '"sync" or no value with raid6', sync);
  if (sync !== undefined && rebuild.length > 0) refuse('rebuild', `no value with ${sync}`, rebuild);
  checkIndexes('rebuild', rebuild, devices.length);
  checkIndexes('writeMostly', writeMostly, devices.length);
  if (writeMostly.length >= devices.length)
    refuse('writeMostly', 'fewer indexes than members', writeMostly);
  if (params.journalMode !== undefined && params.journalDevice === undefined) {
    refuse('journalDevice', 'a device, because journalMode is set', undefined);
  }
  if (family === 'raid10' && !devices.some(({ metadata }) => metadata !== undefined)) {
    refuse('devices[0].metadata', 'a device, because raid10 reads its layout from it', undefined);
  }
  devices.forEach((member, i) => {
    if (member.metadata === undefined || member.data !== undefined) return;
    refuse(`devices[${i}].data`, 'a device, because metadata is set', undefined);
  });
}

function checkIndexes(field: string, indexes: readonly number[], devices: number): void {
  indexes.forEach((at, i) => {
    if (at >= devices) refuse(`${field}[${i}]`, `less than ${devices}, the number of devices`, at);
    if (indexes.indexOf(at) !== i) refuse(`${field}[${i}]`, 'each member at most once', at);
  });
}

/** The word of the chunk size. The kernel needs it even for raid1, which has no chunks. @throws InputError */
export function chunkWord(level: RaidLevel, chunkSize: SectorsInput): string {
  if (level === 'raid1' && sectorsWord(chunkSize, 'raid.chunkSize') === '0') return '0';
  return powerOfTwoWord(chunkSize, 'raid.chunkSize', CHUNK_MIN, 2 ** 30);
}
