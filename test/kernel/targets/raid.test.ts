// raid on a real kernel: levels and options are loaded, read back and checked.

import test from 'ava';
import { type RaidParams, raid } from '../../../src/dm/targets/index.ts';
import { full, readSectors, writeSectors } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { until } from '../../support/kernel/loaded.ts';
import { disks, roundTrip } from '../../support/kernel/round-trip.ts';
import { openDm, scratchLoop } from '../../support/kernel/scratch.ts';
import { runningSuite } from '../../support/kernel/target-support.ts';

const newer = runningSuite !== 'bookworm';
/** Sectors of a scratch disk that suit every level: a multiple of any chunk. */
const EACH = 8192n;

/** Options of a set with this number of members without metadata, and how many of them hold data. */
const LEVELS: readonly (readonly [
  options: Omit<RaidParams, 'devices'>,
  members: number,
  data: bigint,
])[] = [
  [{ level: 'raid0', chunkSize: 64n }, 2, 2n],
  [{ level: 'raid1', chunkSize: 0n, sync: 'nosync' }, 2, 1n],
  [{ level: 'raid1', chunkSize: 0n, sync: 'nosync', regionSize: 1024n }, 3, 1n],
  [{ level: 'raid4', chunkSize: 64n, sync: 'nosync' }, 3, 2n],
  [{ level: 'raid5_n', chunkSize: 64n, sync: 'nosync' }, 3, 2n],
  [{ level: 'raid5_ls', chunkSize: 64n, sync: 'nosync', stripeCache: 512 }, 3, 2n],
  [
    {
      level: 'raid5_rs',
      chunkSize: 64n,
      sync: 'nosync',
      minRecoveryRate: 10,
      maxRecoveryRate: 1000,
    },
    3,
    2n,
  ],
  [{ level: 'raid5_la', chunkSize: 64n, sync: 'nosync' }, 3, 2n],
  [{ level: 'raid5_ra', chunkSize: 64n, sync: 'nosync' }, 3, 2n],
  [{ level: 'raid6_zr', chunkSize: 64n }, 4, 2n],
  [{ level: 'raid6_nr', chunkSize: 64n }, 4, 2n],
  [{ level: 'raid6_nc', chunkSize: 64n }, 4, 2n],
  [{ level: 'raid6_n_6', chunkSize: 64n }, 4, 2n],
  [{ level: 'raid6_ls_6', chunkSize: 64n }, 4, 2n],
  [{ level: 'raid6_rs_6', chunkSize: 64n }, 4, 2n],
  [{ level: 'raid6_la_6', chunkSize: 64n }, 4, 2n],
  [{ level: 'raid6_ra_6', chunkSize: 64n }, 4, 2n],
  [{ level: 'raid10', chunkSize: 64n, sync: 'nosync' }, 4, 2n],
  [{ level: 'raid10_near', chunkSize: 64n, sync: 'nosync' }, 4, 2n],
  [
    { level: 'raid10', chunkSize: 64n, sync: 'nosync', raid10Copies: 2, raid10Format: 'offset' },
    4,
    2n,
  ],
  [
    {
      level: 'raid10',
      chunkSize: 64n,
      sync: 'nosync',
      raid10Copies: 2,
      raid10Format: 'far',
    },
    4,
    2n,
  ],
];

for (const [options, members, times] of LEVELS) {
  const words = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  test(`raid: ${words.join(', ')}`, async (t) => {
    const dm = await openDm(t);
    const data = await disks(t, members);
    // raid10 requires metadata.
    const metadata = options.level.startsWith('raid10') ? await disks(t, members) : [];
    const devices = data.map((disk, i) => ({
      ...(metadata[i] !== undefined && { metadata: metadata[i] }),
      data: disk,
    }));
    const given: RaidParams = { ...options, devices };
    const { info, status } = await roundTrip(t, dm, raid, { length: EACH * times, ...given });
    writeSectors(info.path, 8, full('r', 8));
    t.deepEqual(readSectors(info.path, 8, 8), full('r', 8));
    const read = await status();
    // raid10 reports its layout.
    const same = options.level.startsWith('raid10') ? 'raid10' : options.level;
    t.true(read?.level.startsWith(same), read?.level);
    t.is(read?.devices, members);
    t.deepEqual(read?.extra, []);
    t.is(read?.journal, '-');
  });
}

test('raid1 with metadata: the table is returned as given, and a check finds differences', async (t) => {
  const dm = await openDm(t);
  const [one = '', two = ''] = await disks(t, 2);
  const metadata = [await scratchLoop(t), await scratchLoop(t)] as const;
  const given: RaidParams = {
    level: 'raid1',
    chunkSize: 0n,
    sync: 'sync',
    daemonSleep: 1000,
    writeMostly: [1],
    maxWriteBehind: 512,
    regionSize: 1024n,
    devices: [
      { metadata: metadata[0], data: one },
      { metadata: metadata[1], data: two },
    ],
  };
  // The kernel returns half of max_write_behind.
  const { info, status } = await roundTrip(
    t,
    dm,
    raid,
    { length: EACH, ...given },
    { maxWriteBehind: 256 },
  );
  const synced = await until(status, (s) => s?.action === 'idle' && s.progress.inSync === EACH);
  t.like(synced, { health: 'AA', action: 'idle', progress: { inSync: EACH, total: EACH } });

  writeSectors(two, 1024, full('x', 8));
  await dm.message(info.name, raid.messages.check());
  const checked = await until(status, (s) => s?.action === 'idle' && s.mismatches !== 0n);
  t.true((checked?.mismatches ?? 0n) > 0n, String(checked?.mismatches));
  await dm.message(info.name, raid.messages.repair());
  await until(status, (s) => s?.action === 'idle');
  await until(
    async () => readSectors(two, 1024, 8),
    (bytes) => bytes.equals(full('\0', 8)),
  );
  t.deepEqual(readSectors(two, 1024, 8), full('\0', 8));
  await dm.message(info.name, raid.messages.resync());
  await until(status, (s) => s?.action === 'idle');
  await dm.message(info.name, raid.messages.recover());
  await until(status, (s) => s?.action === 'idle');
});

/** Linux 6.1 reports both as done; later kernels perform them and then report them as unknown. */
for (const word of ['idle', 'frozen'] as const) {
  test(`raid: "${word}" is performed and answered ${newer ? 'with EINVAL' : 'as done'}`, async (t) => {
    const dm = await openDm(t);
    const devices = (await disks(t, 2)).map((data) => ({ data }));
    const given: RaidParams = { level: 'raid1', chunkSize: 0n, sync: 'nosync', devices };
    const { info, status } = await roundTrip(t, dm, raid, { length: EACH, ...given });
    const answer = dm.message(info.name, raid.messages[word]());
    if (newer) await t.throwsAsync(answer, { code: 'EINVAL' });
    else t.is(await answer, undefined);
    const action = (await status())?.action;
    t.true(action === 'idle' || action === word, action);
  });
}

if (newer) {
  test('raid: a message to a suspended device fails', async (t) => {
    const dm = await openDm(t);
    const devices = (await disks(t, 2)).map((data) => ({ data }));
    const given: RaidParams = { level: 'raid1', chunkSize: 0n, sync: 'nosync', devices };
    const { info } = await roundTrip(t, dm, raid, { length: EACH, ...given });
    await dm.suspend(info.name);
    await t.throwsAsync(dm.message(info.name, raid.messages.check()), { code: 'EBUSY' });
    await dm.resume(info.name);
  });
}

test('raid5: a missing member', async (t) => {
  const dm = await openDm(t);
  const [a = '', b = ''] = await disks(t, 2);
  const { info, status } = await roundTrip(t, dm, raid, {
    length: EACH * 2n,
    level: 'raid5_ls',
    chunkSize: 64n,
    sync: 'nosync',
    devices: [{ data: a }, {}, { data: b }],
  });
  t.is((await status())?.health[1], '-');
  writeSectors(info.path, 0, full('m', 128));
  t.deepEqual(readSectors(info.path, 0, 128), full('m', 128));
});

test('nothing is left', assertNothingLeft);
