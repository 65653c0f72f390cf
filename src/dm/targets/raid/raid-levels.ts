// The levels of a raid target, and the parameters that each of them accepts. Source: drivers/md/dm-raid.c.

/** Levels grouped into families. The levels of one family accept the same parameters. */
const FAMILIES = {
  raid0: ['raid0'],
  raid1: ['raid1'],
  raid10: ['raid10', 'raid10_offset', 'raid10_near', 'raid10_far'],
  raid45: ['raid4', 'raid5_n', 'raid5_ls', 'raid5_rs', 'raid5_la', 'raid5_ra'],
  raid6: [
    'raid6_zr',
    'raid6_nr',
    'raid6_nc',
    'raid6_n_6',
    'raid6_ls_6',
    'raid6_rs_6',
    'raid6_la_6',
    'raid6_ra_6',
  ],
} as const;

/** A family of levels that accept the same parameters. */
export type RaidFamily = keyof typeof FAMILIES;

/** A level and layout, by the kernel's word: `'raid5_ls'`. */
export type RaidLevel = (typeof FAMILIES)[RaidFamily][number];

/** Every level. */
export const RAID_LEVELS: readonly RaidLevel[] = Object.values(FAMILIES).flat();

/** The family of a level. */
export const raidFamily = (level: RaidLevel): RaidFamily =>
  (Object.keys(FAMILIES) as RaidFamily[]).find((family) =>
    (FAMILIES[family] as readonly string[]).includes(level),
  )!;

const ALL_BUT_RAID0: readonly RaidFamily[] = ['raid1', 'raid10', 'raid45', 'raid6'];
const PARITY: readonly RaidFamily[] = ['raid45', 'raid6'];

/** The families that accept a parameter. Every family accepts a parameter that is not listed here. */
export const TAKEN_BY: Readonly<Record<string, readonly RaidFamily[]>> = {
  sync: ALL_BUT_RAID0,
  rebuild: ALL_BUT_RAID0,
  daemonSleep: ALL_BUT_RAID0,
  minRecoveryRate: ALL_BUT_RAID0,
  maxRecoveryRate: ALL_BUT_RAID0,
  writeMostly: ['raid1'],
  maxWriteBehind: ['raid1'],
  stripeCache: PARITY,
  regionSize: ALL_BUT_RAID0,
  raid10Copies: ['raid10'],
  raid10Format: ['raid10'],
  raid10UseNearSets: ['raid10'],
  deltaDisks: ALL_BUT_RAID0,
  journalDevice: PARITY,
  journalMode: PARITY,
};
