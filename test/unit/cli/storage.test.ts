// The output of the storage commands on the model kernel.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { layerFile, modelStorage } from '../../support/cli/model-storage.ts';

const GIB = 1024 ** 3;

test('create, ls, inspect and rm', async (t) => {
  const { root, run } = await modelStorage(t);
  t.is((await run('ls')).stdout, 'No layers found\n');
  t.deepEqual(await run('create base-1'), { status: 0, stdout: '', stderr: '' });
  const web = await run('create web --parent base-1 --json');
  t.deepEqual(JSON.parse(web.stdout), { id: 'web', parent: 'base-1', deviceId: 2, size: GIB });

  t.is(
    (await run('ls')).stdout,
    [
      'ID               Size     Device Mounts\n',
      'base-1              1.00g      1      0\n',
      'web                 1.00g      2      0\n',
    ].join(''),
  );
  t.is((await run('ls --noheadings --separator :')).stdout, 'base-1:1.00g:1:0\nweb:1.00g:2:0\n');
  t.deepEqual(JSON.parse((await run('ls --json')).stdout), [
    { id: 'base-1', deviceId: 1, size: GIB, transactionId: 1, mounts: 0 },
    { id: 'web', deviceId: 2, size: GIB, transactionId: 2, mounts: 0 },
  ]);

  const data = JSON.parse((await run('inspect web --json')).stdout) as Record<string, string>;
  t.deepEqual([data['DeviceId'], data['DeviceSize']], ['2', `${GIB}`]);
  t.regex(data['DeviceName']!, /^docker-\d+:\d+-\d+-web$/);
  t.is(
    (await run('inspect web')).stdout,
    `DeviceId: 2\nDeviceSize: ${GIB}\nDeviceName: ${data['DeviceName']}\n`,
  );

  t.deepEqual(JSON.parse((await run('rm web --confirm web --json')).stdout), {
    dryRun: false,
    id: 'web',
    deferred: false,
  });
  t.false(readdirSync(join(root, 'metadata')).includes('web'));
});

test('status: the items of docker info, and the state in bytes', async (t) => {
  const { run } = await modelStorage(t);
  const { stdout } = await run('status');
  t.is(
    stdout.replace(/Version: [\d.]+/, 'Version: X'),
    ` Pool Name: tank
 Pool Blocksize: 65.54kB
 Base Device Size: 1.074GB
 Backing Filesystem: ext4
 Udev Sync Supported: true
 Data Space Used: 0B
 Data Space Total: 65.54MB
 Data Space Available: 65.54MB
 Metadata Space Used: 249.9kB
 Metadata Space Total: 2.097MB
 Metadata Space Available: 1.847MB
 Thin Pool Minimum Free Space: 6.554MB
 Deferred Removal Enabled: true
 Deferred Deletion Enabled: true
 Deferred Deleted Device Count: 0
 Library Version: X
`,
  );
  t.like(JSON.parse((await run('status --json')).stdout), {
    poolName: 'tank',
    blockSize: 65_536,
    baseSize: GIB,
    filesystem: 'ext4',
    dataLoopFile: null,
    data: { used: 0, total: 65_536_000, available: 65_536_000 },
    minimumFree: 6_553_600,
    deferredRemoval: true,
    deferredDeletedLayers: 0,
    transactionId: 0,
  });
});

test('rm on a terminal asks first, and removes only after a yes', async (t) => {
  const { root, run } = await modelStorage(t);
  await run('create web');
  const no = await run('rm web', { isTTY: true, stdin: 'n\n' });
  t.is(no.status, 1);
  t.is(
    no.stderr,
    `This removes layer "web" of ${root} and its content\nContinue? [y/N] dmts: nothing was removed\n`,
  );
  t.is((await run('inspect web')).status, 0);
  t.is((await run('rm web', { isTTY: true, stdin: 'y\n' })).status, 0);
  t.is((await run('inspect web')).status, 3);
});

test('rm --dry-run prints the intended removal, and does not open the storage', async (t) => {
  const { root, run } = await modelStorage(t);
  const metadata = join(root, 'metadata');
  writeFileSync(join(metadata, 'web'), layerFile(7));
  writeFileSync(join(metadata, '.tmp1'), 'a leftover, which opening would remove');
  t.is((await run('rm web --dry-run')).stdout, 'would remove layer web, thin device 7 of 1.00g\n');
  t.deepEqual(JSON.parse((await run('rm web -n --json')).stdout), {
    dryRun: true,
    id: 'web',
    deviceId: 7,
    size: GIB,
    mounted: false,
  });
  t.is((await run('rm no-such -n')).status, 3);
  t.true(readdirSync(metadata).includes('.tmp1'));
});

test('a layer in use is deleted after its last holder closes it', async (t) => {
  const { root, run, hold } = await modelStorage(t);
  await run('create web');
  const release = await hold('web');
  const removed = await run('rm web --confirm web --json');
  t.is(
    removed.stderr,
    'dmts: layer "web" is in use: it is deleted after its last holder closes it\n',
  );
  t.deepEqual(JSON.parse(removed.stdout), { dryRun: false, id: 'web', deferred: true });
  t.true(readFileSync(join(root, 'metadata/web'), 'utf8').endsWith('"deleted":true}'));

  for (const [line, said] of [
    ['mount web', /layer "web": it is removed, and is deleted when its last holder has gone/],
    ['create web', /layer "web": a layer with this id is removed but still in use/],
    ['create next --parent web', /layer "web": it is removed/],
  ] as const) {
    const { status, stderr } = await run(line);
    t.is(status, 4, line);
    t.regex(stderr, said);
  }
  t.is((await run('ls')).stdout, 'No layers found\n');
  t.regex((await run('status')).stdout, /^ Deferred Deleted Device Count: 1$/m);

  release();
  // A view deletes nothing.
  t.is((await run('ls')).status, 0);
  t.true(readdirSync(join(root, 'metadata')).includes('web'));
  t.is((await run('create other')).status, 0);
  t.false(readdirSync(join(root, 'metadata')).includes('web'));
});

test('options are accepted before and after the command; the later ones win', async (t) => {
  const { root, run } = await modelStorage(t);
  t.is((await run('ls')).status, 0);
  t.is((await run(`ls --root ${root}`)).status, 0);
  t.regex((await run('ls --root /nonexistent')).stderr, /no storage in \/nonexistent/);
  const free = async (line: string): Promise<unknown> =>
    (JSON.parse((await run(line)).stdout) as Record<string, unknown>)['minimumFree'];
  t.is(await free('status --json --storage-opt dm.min_free_space=0%'), 0);
  t.is(await free('--storage-opt dm.min_free_space=50% status --json'), 32_768_000);
  t.is(
    await free(
      '--storage-opt dm.min_free_space=50% status --json --storage-opt dm.min_free_space=0%',
    ),
    0,
  );
});

test('a pool that is older than the records is rejected, unless it is accepted explicitly', async (t) => {
  const { root, run } = await modelStorage(t);
  const file = join(root, 'metadata/transaction-metadata');
  const stale = '{"open_transaction_id":9,"device_hash":"web","device_id":4}';
  writeFileSync(file, stale);
  const { status, stderr } = await run('create next');
  t.is(status, 1);
  t.regex(stderr, /^dmts: thin pool 'tank': its transaction id is 0, but the recorded one is 9/);
  t.is(readFileSync(file, 'utf8'), stale);
  const look = await run('status');
  t.is(look.status, 0);
  t.is(look.stderr, "dmts: note: the pool's transaction id is 0, but the recorded one is 9\n");
  t.is((await run('create next --accept-pool')).status, 0);
  writeFileSync(file, stale);
  t.is((await run('--accept-pool create more')).status, 0);
});

test('shutdown does not deactivate a foreign pool', async (t) => {
  const { root, run } = await modelStorage(t);
  t.deepEqual(JSON.parse((await run('shutdown --json')).stdout), { root });
  t.is((await run('ls')).status, 0);
});
