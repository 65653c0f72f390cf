import fc from 'fast-check';
import {
  RAID_LEVELS,
  type RaidLevel,
  raidFamily,
  TAKEN_BY,
} from '../../../../src/dm/targets/raid/raid-levels.ts';
import type {
  RaidDevice,
  RaidOptions,
  RaidParams,
} from '../../../../src/dm/targets/raid/raid-params.ts';
import { anyU64 } from '../values.ts';
import { anyDevice, anyExtra, anyPowerOfTwo, anyRecord, set } from './words.ts';

const whole: fc.Arbitrary<RaidDevice> = fc.record(
  { metadata: anyDevice, data: anyDevice },
  { noNullPrototype: true },
);
const member: fc.Arbitrary<RaidDevice> = fc.oneof(
  whole,
  fc.record({ data: anyDevice }, { noNullPrototype: true }),
  fc.constant({}),
);

const i31 = fc.nat(2 ** 31 - 1);

/** All options, for a set with this number of members. */
const options = (members: number): fc.Arbitrary<RaidOptions> => {
  const indexes = fc.uniqueArray(fc.nat(members - 1), { minLength: 1 });
  return anyRecord<RaidOptions, keyof RaidOptions>(
    {
      sync: fc.constantFrom('sync', 'nosync'),
      rebuild: indexes,
      daemonSleep: i31,
      minRecoveryRate: i31,
      maxRecoveryRate: i31,
      writeMostly: indexes,
      maxWriteBehind: i31,
      stripeCache: i31,
      regionSize: anyPowerOfTwo(1, 40),
      raid10Copies: fc.integer({ min: 2, max: 253 }),
      raid10Format: fc.constantFrom('near', 'far', 'offset'),
      raid10UseNearSets: set,
      deltaDisks: fc.integer({ min: -253, max: 253 }),
      dataOffset: anyU64,
      journalDevice: anyDevice,
      journalMode: fc.constantFrom('writethrough', 'writeback'),
      extra: anyExtra,
    },
    [],
  );
};

/** The options that the level accepts, without incompatible ones. */
function consistent(level: RaidLevel, members: number, given: RaidOptions): RaidOptions {
  const family = raidFamily(level);
  const dropped = new Set<string>();
  const entries = Object.entries(given).filter(
    ([field]) => TAKEN_BY[field]?.includes(family) ?? true,
  );
  const {
    sync,
    rebuild,
    writeMostly = [],
    journalDevice,
  } = Object.fromEntries(entries) as RaidOptions;
  if (sync === 'nosync' && family === 'raid6') dropped.add('sync');
  else if (sync !== undefined && rebuild !== undefined) dropped.add('rebuild');
  if (writeMostly.length >= members) dropped.add('writeMostly');
  if (journalDevice === undefined) dropped.add('journalMode');
  return Object.fromEntries(entries.filter(([field]) => !dropped.has(field)));
}

/** Parameters of a raid target, of any level. */
export const anyRaid: fc.Arbitrary<RaidParams> = fc
  .record({
    level: fc.constantFrom(...RAID_LEVELS),
    chunk: anyPowerOfTwo(3, 30),
    first: whole,
    others: fc.array(member, { maxLength: 5 }),
  })
  // raid10 needs metadata.
  .chain(({ level, chunk, first, others }) =>
    fc.constantFrom([first, ...others], others).map((devices) => ({
      level,
      chunk,
      devices:
        raidFamily(level) === 'raid10' || devices.length === 0 ? [first, ...others] : devices,
    })),
  )
  .chain(({ level, chunk, devices }) =>
    options(devices.length).map((given) => ({
      level,
      chunkSize: level === 'raid1' ? 0n : chunk,
      ...consistent(level, devices.length, given),
      devices,
    })),
  );
