// Raid sets with members that fit the disks.

import fc from 'fast-check';
import { type RaidParams, raid } from '../../../../src/dm/targets/index.ts';
import { RAID_LEVELS, raidFamily, TAKEN_BY } from '../../../../src/dm/targets/raid/raid-levels.ts';
import { anyDevice, anyPowerOfTwo, anyRecord } from '../../../support/arbitraries/targets/words.ts';
import { type Sample, samples } from './sample.ts';

/** Without the parameters of a reshape or a journal: there is no set to reshape yet. */
type Options = Omit<
  RaidParams,
  | 'extra'
  | 'level'
  | 'devices'
  | 'chunkSize'
  | 'raid10UseNearSets'
  | 'deltaDisks'
  | 'dataOffset'
  | 'journalDevice'
  | 'journalMode'
>;

/** Sectors of each member: a multiple of any chunk. */
const EACH = 8192n;
/** Members of the smallest set of a family. */
const LEAST = { raid0: 2, raid1: 2, raid10: 2, raid45: 3, raid6: 4 } as const;

const options = anyRecord<Options, never>(
  {
    sync: fc.constantFrom('sync', 'nosync'),
    rebuild: fc.constant([1]),
    daemonSleep: fc.nat(5000),
    minRecoveryRate: fc.nat(100),
    maxRecoveryRate: fc.integer({ min: 100, max: 1000 }),
    writeMostly: fc.constant([1]),
    maxWriteBehind: fc.nat(1024),
    stripeCache: fc.integer({ min: 32, max: 1024 }),
    regionSize: anyPowerOfTwo(3, 12),
    raid10Copies: fc.constant(2),
    raid10Format: fc.constantFrom('near', 'far', 'offset'),
  },
  [],
);

/** The options that the level accepts. */
function fitting(level: RaidParams['level'], given: Options): Options {
  const family = raidFamily(level);
  const { sync, rebuild, ...rest } = given;
  const wanted = {
    ...rest,
    ...(sync !== undefined && !(sync === 'nosync' && family === 'raid6') && { sync }),
    ...(rebuild !== undefined && sync === undefined && { rebuild }),
  };
  const taken = Object.entries(wanted).filter(
    ([field]) => TAKEN_BY[field]?.includes(family) ?? true,
  );
  return Object.fromEntries(taken);
}

const sets: fc.Arbitrary<RaidParams> = fc
  .record({
    level: fc.constantFrom(...RAID_LEVELS),
    more: fc.nat(1),
    metadata: fc.boolean(),
    chunk: anyPowerOfTwo(3, 7),
    disks: fc.array(anyDevice, { minLength: 8, maxLength: 8 }),
    given: options,
  })
  .map(({ level, more, metadata, chunk, disks, given }) => {
    const members = Math.min(LEAST[raidFamily(level)] + more, 4);
    const devices = Array.from({ length: members }, (_, i) => ({
      ...((metadata || raidFamily(level) === 'raid10') && { metadata: disks[2 * i]! }),
      data: disks[2 * i + 1]!,
    }));
    return {
      level,
      chunkSize: level === 'raid1' ? 0n : chunk,
      ...fitting(level, given),
      devices,
    };
  });

/** Number of members that hold data. */
function filled({ level, devices }: RaidParams): bigint {
  const parity = { raid0: 0, raid1: devices.length - 1, raid10: 0, raid45: 1, raid6: 2 };
  const all = BigInt(devices.length - parity[raidFamily(level)]);
  return raidFamily(level) === 'raid10' ? all / 2n : all;
}

/** Samples of every level. */
export const raidSamples: fc.Arbitrary<Sample> = samples(raid, sets, {
  length: (params) => fc.constant(EACH * filled(params)),
});
