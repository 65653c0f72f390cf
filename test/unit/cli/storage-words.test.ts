// Rejected command lines of storages with their exit statuses.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { exitStatusOf, Interrupted } from '../../../src/cli/support/exit-status.ts';
import { StorageError, type StorageErrorCode } from '../../../src/storage/config/errors.ts';
import { lockRoot } from '../../../src/storage/directory/root-lock.ts';
import { runIn, runOn } from '../../support/cli/in-process.ts';
import { modelStorage } from '../../support/cli/model-storage.ts';
import { modelTank } from '../../support/cli/model-tank.ts';
import { tempDir } from '../../support/temp-dir.ts';

const STATUSES: Readonly<Record<StorageErrorCode, number>> = {
  ERR_STORAGE_OPTION: 2,
  ERR_STORAGE_RECORD: 1,
  ERR_STORAGE_WRITE: 1,
  ERR_STORAGE_CLOSED: 1,
  ERR_STORAGE_LOCKED: 4,
  ERR_STORAGE_POOL: 1,
  ERR_STORAGE_BASE: 1,
  ERR_STORAGE_FILESYSTEM: 1,
  ERR_STORAGE_PROGRAM: 1,
  ERR_LAYER_MISSING: 3,
  ERR_LAYER_EXISTS: 4,
  ERR_LAYER_DELETED: 4,
  ERR_LAYER_BUSY: 4,
  ERR_LAYER_SIZE: 2,
  ERR_LAYER_ID: 2,
};

for (const [code, status] of Object.entries(STATUSES)) {
  test(`${code}: ${status}`, (t) => {
    const error = new StorageError({ code: code as StorageErrorCode, subject: 'x', problem: 'y' });
    t.is(exitStatusOf(error), status);
  });
}

const rows: readonly (readonly [line: string, status: number, said: RegExp])[] = [
  ['mount no-such', 3, /^dmts: layer "no-such": there is no such layer\n$/],
  ['umount no-such', 3, /there is no such layer/],
  ['umount web', 0, /^$/],
  ['inspect no-such', 3, /there is no such layer/],
  ['rm no-such --confirm no-such', 3, /there is no such layer/],
  ['rm web', 2, /this removes layer "web" of .* and its content; to confirm, add --confirm web\n/],
  ['rm web --confirm wbe', 2, /invalid --confirm: expected "web", got "wbe"/],
  ['create web', 4, /layer "web": a layer with this id already exists/],
  ['create other --parent no-such', 3, /layer "no-such": there is no such layer/],
  [
    'create other --size 1M',
    2,
    /invalid size: expected at least the 1073741824 bytes of the base device, got 1048576/,
  ],
  ['create other --size big', 2, /^dmts: --size: expected a size such as 10G.*, got "big"/],
  [
    'create other --size 513',
    2,
    /^dmts: invalid --size: expected a multiple of 512 bytes, got 513$/m,
  ],
  ['create .hidden', 2, /^dmts: layer id "\.hidden": expected letters, digits and/],
  ['create base', 2, /layer id "base": it is the name of another file of the storage/],
  ['create a/b', 2, /layer id "a\/b": expected letters/],
  [`create ${'f'.repeat(120)}`, 2, /too long by \d+ characters for the device name docker-/],
  ['create', 2, /missing required argument 'id'/],
  ['create a --parent', 2, /option '--parent <id>' argument missing/],
  ['ls --storage-opt dm.fs=zfs', 2, /^dmts: dm\.fs: expected ext4 or xfs, got "zfs"/],
  ['ls --storage-opt dm.fs', 2, /^dmts: storage option: expected NAME=VALUE, got "dm\.fs"/],
  [
    'ls --storage-opt dm.colour=red',
    2,
    /unknown option "dm\.colour"\. The options are dm\.basesize/,
  ],
  ['--storage-opt dm.fs=zfs ls', 2, /^dmts: dm\.fs: expected ext4 or xfs/],
  ['ls web', 2, /too many arguments/],
  [
    'create a --storage-opt dm.basesize=1M',
    1,
    /cannot shrink from \d+ bytes to dm\.basesize=1048576/,
  ],
  ['status --storage-opt dm.thinpooldev=no-such', 1, /thin pool 'no-such': it is not active/],
];

for (const [line, status, said] of rows) {
  test(`dmts storage ${line}: ${status}`, async (t) => {
    const { run } = await modelStorage(t);
    await run('create web');
    const outcome = await run(line);
    t.is(outcome.status, status, outcome.stderr);
    t.regex(outcome.stderr, said);
    t.is(outcome.stdout, '');
    t.notRegex(outcome.stderr, /a bug in dmts|\n\s+at /);
  });
}

test('without --root: the default directory, before any request to the device mapper', async (t) => {
  for (const line of ['ls', 'create web', 'rm web --confirm web', 'diff web', 'shutdown']) {
    const { status, stderr, requests } = await runIn({}, 'storage', ...line.split(' '));
    t.deepEqual([status, requests], [2, []], line);
    t.is(
      stderr,
      "dmts: missing --root DIR, the directory of the storage; Docker's is /var/lib/docker/devicemapper\n",
    );
  }
});

test('an invalid option is rejected before any request, and nothing is created', async (t) => {
  const root = join(tempDir(t), 'layers');
  for (const option of ['dm.fs=zfs', 'dm.datadev=/dev/sdb']) {
    const words = ['--root', root, '--storage-opt', option, 'create', 'web'];
    const { status, requests } = await runIn({}, 'storage', ...words);
    t.deepEqual([status, requests], [2, []]);
  }
  t.throws(() => readdirSync(root), { code: 'ENOENT' });
});

test('only create creates a storage: a mistyped directory is not created', async (t) => {
  const root = tempDir(t);
  for (const line of ['ls', 'mount a', 'rm a --confirm a', 'rm a -n', 'shutdown', 'changes a']) {
    const { status, stderr, requests } = await runIn(
      {},
      'storage',
      '--root',
      root,
      ...line.split(' '),
    );
    t.deepEqual([status, requests], [3, []], line);
    t.is(stderr, `dmts: no storage in ${root}: "dmts storage create" creates one\n`);
  }
  t.deepEqual(readdirSync(root), []);
});

test("--root rejects Docker's data root", async (t) => {
  const root = tempDir(t);
  mkdirSync(join(root, 'devicemapper/metadata'), { recursive: true });
  for (const line of ['ls', 'create a']) {
    const outcome = await runIn({}, 'storage', '--root', root, ...line.split(' '));
    t.deepEqual(
      [outcome.status, outcome.stderr],
      [2, `dmts: invalid --root: the storage is in ${root}/devicemapper\n`],
    );
  }
});

test('a storage that is open in another process: exit status 4, and its process id', async (t) => {
  const { root, run } = await modelStorage(t);
  await using _lock = await lockRoot(root);
  t.is((await run('ls')).status, 0);
  const { status, stderr } = await run('create next');
  t.is(status, 4);
  t.regex(stderr, new RegExp(`^dmts: ${root}: process ${process.pid} has it`));
});

test('a truncated file: the error names it, and the file remains unchanged', async (t) => {
  const { root, run } = await modelStorage(t);
  writeFileSync(join(root, 'metadata/torn'), '{"device_id":3,"si');
  const { status, stderr } = await run('ls');
  t.is(status, 1);
  t.true(
    stderr.startsWith(`dmts: ${root}/metadata/torn: not a record of this storage: it is not JSON`),
  );
  t.false(stderr.includes('a bug in dmts'));
});

test('a tar is neither written to a terminal nor read from one', async (t) => {
  const { run } = await modelStorage(t);
  const diff = await run('diff web', { isTTY: true });
  t.deepEqual([diff.status, diff.stdout], [2, '']);
  t.is(diff.stderr, 'dmts: refusing to write a tar to a terminal; redirect stdout\n');
  const apply = await run('apply web', { isTTY: true });
  t.deepEqual(
    [apply.status, apply.stdout, apply.stderr],
    [2, '', 'dmts: missing input: redirect a tar to stdin\n'],
  );
});

const INTERRUPTED: readonly (readonly [line: string, left: string])[] = [
  ['create web', 'the layer exists completely or not at all; "dmts storage ls" shows it'],
  ['mount web', 'the layer may be mounted; "dmts storage ls" shows it'],
  ['umount web', 'the layer may still be mounted; "dmts storage ls" shows it'],
  ['rm web --confirm web', 'the layer may have been removed; "dmts storage ls" shows it'],
  ['ls', 'nothing was changed'],
  ['diff web', 'the tar is incomplete'],
  ['apply web', 'the tar may be partly unpacked in the layer'],
  ['shutdown', 'the shutdown is incomplete; run the command again'],
];

for (const [line, left] of INTERRUPTED) {
  test(`dmts storage ${line}, interrupted: the message describes the state`, async (t) => {
    const abort = new AbortController();
    abort.abort(new Interrupted(130));
    const { kernel } = await modelTank(t);
    const root = tempDir(t);
    mkdirSync(join(root, 'metadata'));
    const place = ['--root', root, '--storage-opt=dm.thinpooldev=tank', '--accept-pool'];
    const { status, stderr } = await runOn(
      kernel.connect(),
      { signal: abort.signal },
      'storage',
      ...place,
      ...line.split(' '),
    );
    t.deepEqual([status, stderr], [130, `dmts: interrupted: ${left}\n`]);
  });
}

test('help of the group, and of each command with the options of both', async (t) => {
  const group = await runIn({}, 'storage', '--help');
  t.regex(
    group.stdout,
    /^Usage: dmts storage --root DIR \[--storage-opt NAME=VALUE\]\.\.\. COMMAND\n/,
  );
  const create = await runIn({}, 'storage', '--root', '/x', 'create', '--help');
  for (const option of ['--parent <id>', '--size <size>', '--root <dir>', '--accept-pool']) {
    t.true(create.stdout.includes(`  ${option} `), option);
  }
});
