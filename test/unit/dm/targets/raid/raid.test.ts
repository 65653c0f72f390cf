import test from 'ava';
import { raid } from '../../../../../src/dm/targets/raid/raid.ts';
import { RAID_LEVELS } from '../../../../../src/dm/targets/raid/raid-levels.ts';
import type { RaidParams } from '../../../../../src/dm/targets/raid/raid-params.ts';
import type { RaidStatus } from '../../../../../src/dm/targets/raid/raid-status.ts';
import { anyRaid } from '../../../../support/arbitraries/targets/raid.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const two = [{ data: '7:0' }, { data: '7:1' }];
const three = [...two, { data: '7:2' }];
const four = [...three, { data: '7:3' }];
const raid1: RaidParams = { level: 'raid1', chunkSize: 0n, devices: two };
const raid5: RaidParams = { level: 'raid5_ls', chunkSize: 128n, devices: three };
const raid6: RaidParams = { level: 'raid6_zr', chunkSize: 128n, devices: four };
const kept = four.map(({ data }, i) => ({ metadata: `7:${i + 4}`, data }));
const raid10: RaidParams = { level: 'raid10', chunkSize: 128n, devices: kept };
const TWO = '2 - 7:0 - 7:1';
const THREE = '3 - 7:0 - 7:1 - 7:2';
const FOUR = '4 - 7:0 - 7:1 - 7:2 - 7:3';
const KEPT = '4 7:4 7:0 7:5 7:1 7:6 7:2 7:7 7:3';

/** The words that newer kernels print after the progress. */
const idle = { action: 'idle', mismatches: 0n, dataOffset: 0n, journal: '-', extra: [] } as const;
const said = (health: string, inSync: bigint): RaidStatus['reported'] => ({ health, inSync });

testRows(raid, {
  params: [
    // Captured: Linux 7.3.
    [`raid1 3 0 region_size 1024 ${TWO}`, { ...raid1, regionSize: 1024n }],
    // The kernel's documentation.
    [
      'raid4 1 2048 5 - 8:17 - 8:33 - 8:49 - 8:65 - 8:81',
      {
        level: 'raid4',
        chunkSize: 2048n,
        devices: ['8:17', '8:33', '8:49', '8:65', '8:81'].map((data) => ({ data })),
      },
    ],
    [
      'raid4 4 2048 sync min_recovery_rate 20 2 8:17 8:18 - -',
      {
        level: 'raid4',
        chunkSize: 2048n,
        sync: 'sync',
        minRecoveryRate: 20,
        devices: [{ metadata: '8:17', data: '8:18' }, {}],
      },
    ],
    [
      `raid1 18 0 nosync daemon_sleep 5000 min_recovery_rate 1 max_recovery_rate 2 write_mostly 1 max_write_behind 256 region_size 1024 delta_disks -1 data_offset 8192 ${TWO}`,
      {
        ...raid1,
        sync: 'nosync',
        daemonSleep: 5000,
        minRecoveryRate: 1,
        maxRecoveryRate: 2,
        writeMostly: [1],
        maxWriteBehind: 256,
        regionSize: 1024n,
        deltaDisks: -1,
        dataOffset: 8192n,
      },
    ],
    [`raid5_ls 5 128 rebuild 0 rebuild 2 ${THREE}`, { ...raid5, rebuild: [0, 2] }],
    [
      `raid6_zr 7 128 stripe_cache 512 journal_dev 7:9 journal_mode writeback ${FOUR}`,
      { ...raid6, stripeCache: 512, journalDevice: '7:9', journalMode: 'writeback' },
    ],
    [
      `raid10 6 128 raid10_copies 2 raid10_format far raid10_use_near_sets ${KEPT}`,
      { ...raid10, raid10Copies: 2, raid10Format: 'far', raid10UseNearSets: true },
    ],
    [`raid1 3 0 new 5 ${TWO}`, { ...raid1, extra: ['new', '5'] }],
  ],
  read: [
    [`RAID1 2 0 NoSync ${TWO}`, { ...raid1, sync: 'nosync' }],
    // Captured: the kernel counts raid10_use_near_sets but omits the word.
    [
      `raid10 4 128 raid10_format far ${KEPT}`,
      { ...raid10, raid10Format: 'far', raid10UseNearSets: true },
    ],
    [`raid10 2 128 ${KEPT}`, { ...raid10, raid10UseNearSets: true }],
  ],
  written: [
    [{ level: 'raid1', devices: two, rebuild: [], raid10UseNearSets: false }, `raid1 1 0 ${TWO}`],
  ],
  noParams: [
    ['', 'raid, level (word 1): expected a word'],
    ['raid1 0 2 - 7:0 - 7:1', 'raid, chunk size (word 3): expected a word'],
    ['raid1 1 x 2 - 7:0 - 7:1', 'raid, chunk size (word 3): expected'],
    ['raid1 20 0 2 - 7:0 - 7:1', 'raid, parameter count (word 2): expected'],
    [`raid1 2 0 rebuild ${TWO}`, 'raid, rebuild (word 5): expected a word'],
    [`raid1 3 0 rebuild x ${TWO}`, 'raid, rebuild (word 5): expected an integer, got "x"'],
    ['raid1 1 0 3 - 7:0 - 7:1', 'raid, metadata device (word 9): expected a word'],
  ],
  notWritten: [
    [{ ...raid1, chunkSize: 0.5 }, 'raid.chunkSize: expected a bigint or a safe integer'],
    [{ ...raid1, writeMostly: 0 as never }, 'raid.writeMostly: expected an array, got 0'],
    [{ ...raid1, rebuild: 1 as never }, 'raid.rebuild: expected an array, got 1'],
    [{ ...raid1, level: 'raid7' as never }, 'raid.level: expected raid0 or raid1'],
    [{ ...raid1, devices: [] }, 'raid.devices: expected 1 to 253, got 0'],
    [{ ...raid5, chunkSize: 4 }, 'raid.chunkSize: expected a power of two'],
    [{ ...raid5, chunkSize: 24 }, 'raid.chunkSize: expected a power of two'],
    [
      { level: 'raid0', chunkSize: 8, devices: two, sync: 'sync' },
      'raid.sync: expected no value with raid0, got "sync"',
    ],
    [
      { ...raid6, sync: 'nosync' },
      'raid.sync: expected "sync" or no value with raid6, got "nosync"',
    ],
    [
      { ...raid1, sync: 'sync', rebuild: [1] },
      'raid.rebuild: expected no value with sync, got [ 1 ]',
    ],
    [
      { ...raid1, rebuild: [2] },
      'raid.rebuild[0]: expected less than 2, the number of devices, got 2',
    ],
    [{ ...raid1, rebuild: [1, 1] }, 'raid.rebuild[1]: expected each member at most once, got 1'],
    [{ ...raid1, writeMostly: [0, 1] }, 'raid.writeMostly: expected fewer indexes than members'],
    [{ ...raid5, writeMostly: [0] }, 'raid.writeMostly: expected no value with raid5_ls'],
    [{ ...raid5, maxWriteBehind: 1 }, 'raid.maxWriteBehind: expected no value with raid5_ls'],
    [{ ...raid1, stripeCache: 1 }, 'raid.stripeCache: expected no value with raid1, got 1'],
    [{ ...raid1, raid10Copies: 2 }, 'raid.raid10Copies: expected no value with raid1, got 2'],
    [
      { ...raid1, journalDevice: '7:9' },
      'raid.journalDevice: expected no value with raid1, got "7:9"',
    ],
    [
      { ...raid5, journalMode: 'writeback' },
      'raid.journalDevice: expected a device, because journalMode is set',
    ],
    [{ ...raid10, raid10Copies: 1 }, 'raid.raid10Copies: expected an integer from 2 to 253, got 1'],
    [
      { ...raid10, devices: four },
      'raid.devices[0].metadata: expected a device, because raid10 reads its layout from it',
    ],
    [{ ...raid1, daemonSleep: -1 }, 'raid.daemonSleep: expected an integer'],
    [
      { ...raid1, devices: [{ metadata: '7:0' }, ...two] },
      'raid.devices[0].data: expected a device, because metadata is set',
    ],
    [{ ...raid1, devices: [{ data: 'x' }, ...two] }, 'raid.devices[0].data: expected a path'],
  ],
  status: [
    ['', undefined],
    // The test data of libdevmapper.
    [
      'raid6_zr 5 AAAAA 48/68 idle 10 20 -',
      {
        level: 'raid6_zr',
        devices: 5,
        health: 'AAAAA',
        progress: { inSync: 48n, total: 68n },
        ...idle,
        mismatches: 10n,
        dataOffset: 20n,
        reported: said('AAAAA', 48n),
      },
    ],
    [
      'raid1 2 aa 10/20 resync 0 0 -',
      {
        level: 'raid1',
        devices: 2,
        health: 'Aa',
        progress: { inSync: 10n, total: 20n },
        ...idle,
        action: 'resync',
        reported: said('aa', 10n),
      },
    ],
    // Captured: Linux 7.3.
    [
      'raid1 2 AA 131072/131072 idle 0 0 -',
      {
        level: 'raid1',
        devices: 2,
        health: 'AA',
        progress: { inSync: 131_072n, total: 131_072n },
        ...idle,
        reported: said('AA', 131_072n),
      },
    ],
    [
      'raid5_ls 3 aaa 0/131072 idle 0 0 -',
      {
        level: 'raid5_ls',
        devices: 3,
        health: 'Aaa',
        progress: { inSync: 0n, total: 131_072n },
        ...idle,
        reported: said('aaa', 0n),
      },
    ],
    // The kernel reports completion although one member is out of sync.
    [
      'raid1 2 Aa 20/20 recover 0 0 -',
      {
        level: 'raid1',
        devices: 2,
        health: 'Aa',
        progress: { inSync: 19n, total: 20n },
        ...idle,
        action: 'recover',
        reported: said('Aa', 20n),
      },
    ],
    [
      'raid1 2 Aa 20/20 idle 0 0 -',
      {
        level: 'raid1',
        devices: 2,
        health: 'Aa',
        progress: { inSync: 19n, total: 20n },
        ...idle,

        reported: said('Aa', 20n),
      },
    ],
    // No correction: all members in lower case, incomplete, or another action.
    [
      'raid1 2 aa 20/20 recover 0 0 -',
      {
        level: 'raid1',
        devices: 2,
        health: 'aa',
        progress: { inSync: 20n, total: 20n },
        ...idle,
        action: 'recover',
        reported: said('aa', 20n),
      },
    ],
    [
      'raid1 2 Aa 19/20 idle 0 0 -',
      {
        level: 'raid1',
        devices: 2,
        health: 'Aa',
        progress: { inSync: 19n, total: 20n },
        ...idle,

        reported: said('Aa', 19n),
      },
    ],
    [
      'raid1 2 Aa 20/20 resync 0 0 -',
      {
        level: 'raid1',
        devices: 2,
        health: 'Aa',
        progress: { inSync: 20n, total: 20n },
        ...idle,
        action: 'resync',
        reported: said('Aa', 20n),
      },
    ],
    [
      'raid1 2 Aa 20/20 check 0 0 -',
      {
        level: 'raid1',
        devices: 2,
        health: 'Aa',
        progress: { inSync: 20n, total: 20n },
        ...idle,
        action: 'check',
        reported: said('Aa', 20n),
      },
    ],
    [
      'raid5_ls 3 A-D 1/2 frozen 3 4 a new words',
      {
        level: 'raid5_ls',
        devices: 3,
        health: 'A-D',
        progress: { inSync: 1n, total: 2n },
        action: 'frozen',
        mismatches: 3n,
        dataOffset: 4n,
        journal: 'a',
        reported: said('A-D', 1n),
        extra: ['new', 'words'],
      },
    ],
    // Versions before 1.5, 1.9 and 1.10.
    [
      'raid1 2 aa 10/20',
      {
        level: 'raid1',
        devices: 2,
        health: 'aa',
        progress: { inSync: 10n, total: 20n },
        action: undefined,
        mismatches: undefined,
        dataOffset: undefined,
        journal: undefined,
        reported: said('aa', 10n),
        extra: [],
      },
    ],
    [
      'raid1 2 AA 20/20 idle 0',
      {
        level: 'raid1',
        devices: 2,
        health: 'AA',
        progress: { inSync: 20n, total: 20n },
        ...idle,
        dataOffset: undefined,
        journal: undefined,
        reported: said('AA', 20n),
      },
    ],
    [
      'raid1 2 AA 20/20 idle 0 8',
      {
        level: 'raid1',
        devices: 2,
        health: 'AA',
        progress: { inSync: 20n, total: 20n },
        ...idle,
        dataOffset: 8n,
        journal: undefined,
        reported: said('AA', 20n),
      },
    ],
  ],
  noStatus: [
    ['raid1 x AA 1/1', 'raid status, device count (word 2): expected'],
    ['raid1 3 AA 1/1', 'raid status, health (word 3): expected 3 letters, got "AA"'],
    ['raid1 2 AA 1', 'raid status, progress (word 4): expected USED/TOTAL, got "1"'],
    ['raid1 2 AA 1/1 idle x', 'raid status, mismatches (word 6): expected'],
    ['raid1 2 AA 1/1 idle 0 x', 'raid status, data offset (word 7): expected'],
  ],
  messages: [
    [() => raid.messages.idle(), 'idle'],
    [() => raid.messages.frozen(), 'frozen'],
    [() => raid.messages.resync(), 'resync'],
    [() => raid.messages.recover(), 'recover'],
    [() => raid.messages.check(), 'check'],
    [() => raid.messages.repair(), 'repair'],
  ],
});

for (const level of RAID_LEVELS) {
  test(`level ${level}`, (t) => {
    const params: RaidParams = { level, chunkSize: level === 'raid1' ? 0n : 128n, devices: kept };
    const text = `${level} 1 ${params.chunkSize} ${KEPT}`;
    t.is(raid.formatParams(params), text);
    t.deepEqual(raid.parseParams(text), params);
    t.is(raid.parseStatus(`${level} 4 AAAA 1/1 idle 0 0 -`)?.level, level);
  });
}

testLaws(raid, anyRaid, ['raid1 2 aa 10/20 resync 0 0 -', 'raid6_zr 5 AAAAA 48/68']);
