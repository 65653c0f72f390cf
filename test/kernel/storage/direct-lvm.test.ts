// dm.directlvm_device and dm.thinp_*: LVM creates the pool on a disk.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB, output, scratchLoop } from '../../support/kernel/scratch.ts';
import { openStorage, storageRoot } from '../../support/kernel/storage.ts';
import { useUdevd } from '../../support/kernel/udevd.ts';

const PROFILE = '/etc/lvm/profile/docker-thinpool.profile';

useUdevd(test);

/** A disk; LVM's volumes on it are removed when the test ends. */
async function disk(t: ExecutionContext): Promise<string> {
  const device = await scratchLoop(t, 512 * MiB);
  t.teardown(() => {
    spawnSync('vgremove', ['--force', '--yes', 'docker']);
    spawnSync('pvremove', ['--force', '--yes', device]);
    rmSync(PROFILE, { force: true });
  });
  return device;
}

test('an LVM pool is created, used, and found again', async (t) => {
  const device = await disk(t);
  const root = storageRoot(t);
  const options = [
    `dm.directlvm_device=${device}`,
    'dm.thinp_percent=80',
    'dm.thinp_metapercent=2',
    'dm.thinp_autoextend_threshold=70',
    'dm.thinp_autoextend_percent=15',
  ];
  const storage = await openStorage(t, root, options);
  t.is((await storage.status()).poolName, 'docker-thinpool');
  t.is((await storage.status()).blockSize, 512n * 1024n);
  t.is(
    readFileSync(join(root, 'setup-config.json'), 'utf8'),
    `{"Device":"${device}","ThinpPercent":80,"ThinpMetaPercent":2,"AutoExtendPercent":15,"AutoExtendThreshold":70}`,
  );
  const profile = readFileSync(PROFILE, 'utf8');
  t.regex(profile, /thin_pool_autoextend_threshold=70\n/);
  t.regex(profile, /thin_pool_autoextend_percent=15\n/);
  t.is(output('lvs', '--noheadings', '-o', 'profile', 'docker/thinpool').trim(), 'docker-thinpool');
  await storage.create('a');
  await storage.mount('a');
  await storage.shutdown();
  output('lvchange', '--activate', 'n', 'docker/thinpool');
  const again = await openStorage(t, root, options);
  t.deepEqual(
    again.layers().map(({ id }) => id),
    ['a'],
    'activated and found',
  );
  await again.shutdown();
  await t.throwsAsync(openStorage(t, root, [`dm.directlvm_device=${device}`]), {
    code: 'ERR_STORAGE_POOL',
    message: /another pool was set up in this directory before/,
  });
});

test('a pool that was created but not recorded before a crash is used', async (t) => {
  const device = await disk(t);
  const root = storageRoot(t);
  const options = [`dm.directlvm_device=${device}`];
  await (await openStorage(t, root, options)).shutdown();
  rmSync(join(root, 'setup-config.json'));
  const again = await openStorage(t, root, options);
  t.true(existsSync(join(root, 'setup-config.json')));
  await again.shutdown();
});

test('dm.directlvm_device_force is required for a disk with a filesystem', async (t) => {
  const device = await disk(t);
  output('mkfs.ext4', '-q', device);
  const root = storageRoot(t);
  await t.throwsAsync(openStorage(t, root, [`dm.directlvm_device=${device}`]), {
    code: 'ERR_STORAGE_POOL',
    message: /it holds ext4 filesystem/,
  });
  const forced = await openStorage(t, root, [
    `dm.directlvm_device=${device}`,
    'dm.directlvm_device_force=true',
  ]);
  await forced.create('a');
  await forced.shutdown();
});

test('nothing is left', assertNothingLeft);
