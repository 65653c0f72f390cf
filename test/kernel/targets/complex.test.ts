// mirror, multipath, cache and vdo on a real kernel: load, read back, messages, removal.

import test from 'ava';
import {
  type CacheParams,
  cache,
  type MirrorParams,
  type MultipathParams,
  mirror,
  multipath,
  type VdoParams,
  vdo,
} from '../../../src/dm/targets/index.ts';
import { full, numberOf, readSectors, writeSectors } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { loadedParams, until } from '../../support/kernel/loaded.ts';
import { disks, roundTrip } from '../../support/kernel/round-trip.ts';
import { MiB, openDm, scratchDevice, scratchLoop } from '../../support/kernel/scratch.ts';
import { runningSuite, ships } from '../../support/kernel/target-support.ts';

const newest = runningSuite === 'sid';
const LENGTH = 8192n;
const regions = { regionSize: 1024n, sync: 'nosync' } as const;

/** The parameters of a mirror without its legs; `make` gets a device for its log. */
const MIRRORS: readonly (readonly [
  name: string,
  make: (log: string) => Omit<MirrorParams, 'legs'>,
])[] = [
  ['core log', () => ({ log: { type: 'core', ...regions } })],
  ['core log without known regions', () => ({ log: { type: 'core', regionSize: 512n } })],
  [
    'core log, sync',
    () => ({ log: { type: 'core', regionSize: 512n, sync: 'sync' }, handleErrors: true }),
  ],
  ['disk log', (device) => ({ log: { type: 'disk', device, ...regions } })],
  [
    'disk log, all features',
    (device) => ({ log: { type: 'disk', device, ...regions }, handleErrors: true, keepLog: true }),
  ],
];

for (const [name, make] of MIRRORS) {
  test(`mirror: ${name}`, async (t) => {
    const dm = await openDm(t);
    const [a = '', b = '', log = ''] = await disks(t, 3);
    const legs = [
      { device: a, offset: 0n },
      { device: b, offset: 64n },
    ];
    const given = { ...make(log), legs };
    const { info, status } = await roundTrip(t, dm, mirror, { length: LENGTH, ...given });
    writeSectors(info.path, 16, full('m', 8));
    t.deepEqual(readSectors(a, 16, 8), full('m', 8));
    t.deepEqual(readSectors(b, 80, 8), full('m', 8));
    const total =
      given.log.type === 'core' || given.log.type === 'disk'
        ? LENGTH / BigInt(given.log.regionSize)
        : 0n;
    t.deepEqual(await until(status, ({ regions: r }) => r.inSync === r.total), {
      legs: [a, b].map((leg) => ({ device: numberOf(leg), health: 'A' as const })),
      regions: { inSync: total, total },
      log:
        given.log.type === 'disk'
          ? { type: 'disk', device: numberOf(log), health: 'A' }
          : { type: 'core' },
      extra: [],
    });
  });
}

const paths = (devices: readonly string[], ...args: readonly string[]) =>
  devices.map((device) => ({ device, args }));

/** Path selectors: the arguments of a path, and how many values its status has. */
const SELECTORS: readonly (readonly [selector: string, args: readonly string[], info: number])[] = [
  ['round-robin', ['1'], 0],
  ['queue-length', ['1'], 1],
  ['service-time', ['1', '2'], 2],
];
for (const [selector, args, info] of SELECTORS) {
  for (const queueMode of ['rq', 'bio'] as const) {
    test(`multipath: ${selector}, queue_mode ${queueMode}`, async (t) => {
      const dm = await openDm(t);
      const devices = await disks(t, 2);
      const groups = [{ selector, paths: paths(devices, ...args) }];
      const mode = queueMode === 'bio' ? { queueMode } : {};
      const given: MultipathParams = { initialGroup: 1, groups, queueIfNoPath: true, ...mode };
      // Before Linux 7 the kernel adds this to bio mode when there is no hardware handler.
      const added = queueMode === 'bio' && !newest ? { retainAttachedHwHandler: true } : {};
      const { status } = await roundTrip(t, dm, multipath, { length: LENGTH, ...given }, added);
      const {
        currentGroup,
        extra,
        groups: [group],
      } = await status();
      t.is(currentGroup, 1);
      t.deepEqual(extra, []);
      t.deepEqual(
        group?.paths.map((path) => ({ ...path, info: path.info.length })),
        devices.map((device) => ({
          device: numberOf(device),
          usable: true,
          letter: 'A',
          failures: 0n,
          info,
        })),
      );
    });
  }
}

test('multipath: messages set the state of paths and groups', async (t) => {
  const dm = await openDm(t);
  const devices = await disks(t, 2);
  const groups = devices.map((device) => ({
    selector: 'round-robin',
    paths: paths([device], '1'),
  }));
  const given: MultipathParams = {
    pgInitRetries: 3,
    pgInitDelayMsecs: 100,
    initialGroup: 1,
    groups,
  };
  const { info, status } = await roundTrip(t, dm, multipath, { length: LENGTH, ...given });
  const { messages } = multipath;
  const tell = (text: string): Promise<string | undefined> => dm.message(info.name, text);
  const first = numberOf(devices[0]!);

  await tell(messages.failPath(first));
  t.like((await status()).groups[0]?.paths[0], { usable: false, failures: 1n });
  await tell(messages.reinstatePath(devices[0]!));
  t.like((await status()).groups[0]?.paths[0], { usable: true, failures: 1n });
  await tell(messages.disableGroup(1));
  t.is((await status()).groups[0]?.state, 'disabled');
  await tell(messages.enableGroup(1));
  t.not((await status()).groups[0]?.state, 'disabled');
  await tell(messages.switchGroup(2));
  t.is((await status()).currentGroup, 2);
  writeSectors(info.path, 0, full('p', 8));
  t.deepEqual(readSectors(devices[1]!, 0, 8), full('p', 8));
  t.is((await status()).groups[1]?.state, 'active');
  await tell(messages.queueIfNoPath());
  t.true((await loadedParams(t, dm, multipath, info.name)).queueIfNoPath);
  await tell(messages.failIfNoPath());
  t.is((await loadedParams(t, dm, multipath, info.name)).queueIfNoPath, undefined);
  await t.throwsAsync(tell(messages.switchGroup(3)), { code: 'EINVAL' });
});

/** Features and policy of a cache, as given and as the kernel prints them. */
const CACHES: readonly Partial<CacheParams>[] = [
  { writeMode: 'writethrough' },
  { writeMode: 'writeback' },
  { metadata2: true, writeMode: 'writeback', noDiscardPassdown: true },
  { writeMode: 'passthrough' },
  { policy: 'mq', writeMode: 'writethrough' },
  { policyArgs: [['migration_threshold', '4096']] },
];

for (const options of CACHES) {
  const words = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  test(`cache: ${words.join(', ')}`, async (t) => {
    const dm = await openDm(t);
    const [metadataDevice = '', cacheDevice = '', originDevice = ''] = await disks(t, 3);
    const given = {
      metadataDevice,
      cacheDevice,
      originDevice,
      blockSize: 128n,
      policy: 'smq',
      ...options,
    };
    const { info, status } = await roundTrip(t, dm, cache, { length: LENGTH, ...given });
    writeSectors(info.path, 8, full('c', 8));
    t.deepEqual(readSectors(info.path, 8, 8), full('c', 8));
    await dm.message(info.name, cache.messages.migrationThreshold(8192));
    const read = await status();
    if (read.state !== 'working') return t.fail(read.state);
    const { writeMode = 'writeback' } = given;
    t.is(read.features.writeMode, writeMode);
    t.is(read.features.metadata2, given.metadata2);
    t.deepEqual(read.coreArgs, [['migration_threshold', '8192']]);
    t.like(read, {
      metadataBlockSize: 8,
      blockSize: 128n,
      mode: 'rw',
      needsCheck: false,
      extra: [],
    });
    t.is(read.policy, given.policy);
    t.deepEqual(read.cache.total, 128n);
    t.true(read.metadata.used > 0n && read.metadata.used < read.metadata.total);
    const blocks = cache.messages.invalidateCblocks(0, [2, 4]);
    if (writeMode === 'passthrough') await dm.message(info.name, blocks);
    else await t.throwsAsync(dm.message(info.name, blocks), { code: 'EPERM' });
    await t.throwsAsync(dm.message(info.name, cache.messages.set('nonsense', '1')), {
      code: 'EINVAL',
    });
  });
}

if (ships('vdo')) {
  // Linux 7 formats a blank device, and this one is too small for a volume.
  const code = newest ? 'ENOSPC' : 'EIO';
  test(`vdo: a small unformatted device fails with ${code}`, async (t) => {
    const dm = await openDm(t);
    const device = await scratchLoop(t, 16 * MiB);
    const table = [vdo({ length: 2048, device, physicalBlocks: (16 * MiB) / 4096 })];
    await t.throwsAsync(scratchDevice(t, dm, { table }), { code });
  });
}

// Before Linux 7, vdoformat creates a volume; Debian does not package it.
if (ships('vdo') && newest) {
  test('vdo: a blank device is formatted, written, read, sent messages, and removed', async (t) => {
    const dm = await openDm(t);
    const size = 6 * 1024 * MiB;
    const device = await scratchLoop(t, size);
    const params: VdoParams = {
      // The kernel returns it as given.
      device,
      physicalBlocks: BigInt(size / 4096),
      minimumIoSize: 4096,
      blockMapCacheBlocks: 32_768,
      eraLength: 16_380,
      compression: true,
      slabSize: 32_768n,
    };
    const info = await scratchDevice(t, dm, { table: [vdo({ length: 2n ** 21n, ...params })] });
    t.deepEqual((await dm.table(info.name)).targets[0]!.record, params);
    const status = async () => vdo.parseStatus((await dm.status(info.name)).targets[0]!.params);
    const read = await status();
    t.like(read, { operatingMode: 'normal', recovering: false, compression: 'online' });
    t.is(read.totalBlocks, BigInt(size / 4096));
    writeSectors(info.path, 8, full('v', 8));
    t.deepEqual(readSectors(info.path, 8, 8), full('v', 8));
    t.is(await dm.message(info.name, vdo.messages.compression(false)), undefined);
    t.is((await status()).compression, 'offline');
    t.regex(String(await dm.message(info.name, vdo.messages.stats())), /dataBlocksUsed : 1,/);
  });
}

test('nothing is left', assertNothingLeft);
