// The programs and commands of the pages that need a kernel, run as printed, with smaller sizes and in
// directories of the test.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DeviceMapper } from '../../../src/index.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { type Block, blocksOf } from '../../support/doc-blocks.ts';
import { changed, makeProject, run, runProgram } from '../../support/kernel/doc-project.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB } from '../../support/kernel/scratch.ts';
import { SMALL, storageRoot } from '../../support/kernel/storage.ts';
import { removePool } from '../../support/kernel/thin.ts';

/** The only code block of a page that contains `text`. */
function block(t: ExecutionContext, page: string, language: string, text: string): Block {
  const found = blocksOf(page, readFileSync(page, 'utf8')).filter(
    (one) => one.language === language && one.code.includes(text),
  );
  t.is(found.length, 1, `${page}: ${text}`);
  return found[0]!;
}

const options = SMALL.map((option) => `'${option}'`).join(', ');

test('README.md: a thin pool', async (t) => {
  const { code } = block(t, 'README.md', 'ts', 'ThinPool.create');
  const directory = makeProject(t);
  mkdirSync(join(directory, 'vms'));
  t.teardown(async () => {
    await using dm = await DeviceMapper.open();
    await dm.remove('vms-1', { retryMs: 10_000 });
    await removePool(dm, 'vms');
  });
  const stdout = runProgram(
    t,
    directory,
    // A watch does not end; one result is enough.
    `${changed(t, code, { '/srv/vms': join(directory, 'vms'), 'health.advice);': 'health.advice), process.exit(0);' })}`,
  );
  t.is(stdout, 'ok undefined\n');
  await using dm = await DeviceMapper.open();
  t.is((await dm.table('vms-1')).targets[0]!.length, 41_943_040n);
});

test('README.md: disks of virtual machines', async (t) => {
  const { code } = block(t, 'README.md', 'ts', 'Volumes.ensure');
  t.true(code.trimEnd().split('\n').length <= 12, 'it is short');
  const directory = makeProject(t);
  const image = Buffer.alloc(8 * MiB, 'x');
  writeFileSync(join(directory, 'debian.raw'), image);
  t.teardown(async () => {
    await using dm = await DeviceMapper.open();
    await removePool(dm, 'vms');
  });
  const stdout = runProgram(
    t,
    directory,
    changed(t, code, { '/srv/vms': join(directory, 'vms'), "'100G'": "'1G'" }),
  );
  const [path, ...lines] = stdout.trimEnd().split('\n');
  t.regex(path!, /^\/dev\/dm-\d+$/);
  const names = ['debian', 'vm1', 'vm2', 'vm3', 'vm4', 'vm5'];
  t.deepEqual(
    lines,
    names.map((name) => `${name} ${image.length}n ${image.length}n`),
  );
  t.true(readFileSync(join(directory, 'vm1.raw')).equals(image));
});

test("README.md: a layer of Docker's storage", async (t) => {
  const { code } = block(t, 'README.md', 'ts', "storage.create('sandbox'");
  const directory = makeProject(t);
  const root = storageRoot(t);
  const storage = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  await storage.create('image');
  await storage.close();
  runProgram(
    t,
    directory,
    changed(t, code, {
      "root: '/var/lib/docker/devicemapper'": `root: '${root}', storageOptions: [${options}]`,
    }),
  );
  t.true(existsSync(join(root, 'mnt/sandbox/rootfs')));
});

test('docs/storage.md: the program', async (t) => {
  const { code } = block(t, 'docs/storage.md', 'ts', 'DevicemapperStorage.open');
  const root = storageRoot(t);
  runProgram(
    t,
    makeProject(t),
    changed(t, code, { '/srv/layers': root, "'dm.basesize=20G', 'dm.fs=ext4'": options }),
  );
  const storage = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  t.teardown(() => storage.close());
  t.deepEqual(
    storage.layers().map(({ id }) => id),
    ['image', 'web'],
  );
});

test('docs/storage.md: the commands', async (t) => {
  const { code } = block(t, 'docs/storage.md', 'sh', 'create image');
  const directory = makeProject(t);
  const root = storageRoot(t);
  mkdirSync(join(directory, 'files'));
  writeFileSync(join(directory, 'files/note'), 'in the image');
  const small = SMALL.map((option) => `--storage-opt ${option}`).join(' ');
  const commands = changed(t, code, {
    '--root /srv/layers': `--root ${root} ${small}`,
    ' --storage-opt dm.basesize=20G': '',
  });
  run(t, directory, 'sh', '-e', '-c', commands);
  const storage = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  t.teardown(() => storage.close());
  t.is(readFileSync(join(await storage.mount('web'), 'note'), 'utf8'), 'in the image');
  await storage.unmount('web');
});

test('docs/volumes.md: the commands', async (t) => {
  const { code } = block(t, 'docs/volumes.md', 'sh', 'init vms');
  const directory = makeProject(t);
  const dir = join(directory, 'vms');
  writeFileSync(join(directory, 'debian.raw'), Buffer.alloc(MiB, 'x'));
  t.teardown(async () => {
    await using dm = await DeviceMapper.open();
    await dm.remove('vms-vm1', { retryMs: 10_000 });
    await removePool(dm, 'vms');
  });
  const stdout = run(t, directory, 'sh', '-e', '-c', changed(t, code, { '/srv/vms': dir }));
  const [path, heading, ...lines] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
  t.regex(heading!, /^Name +Size +Used +Created +Device$/);
  t.deepEqual(
    lines.map((line) => line.replace(/\d{4}-\S+/, 'TIME').split(/ +/)),
    [
      ['debian', '1.00m', '1.00m', 'TIME', '-'],
      ['vm1', '20.00g', '1.00m', 'TIME', path!],
    ],
  );
});

test('docs/diff.md: the program', (t) => {
  const { code } = block(t, 'docs/diff.md', 'ts', 'packDiff');
  const directory = makeProject(t);
  for (const name of ['upper', 'lower']) mkdirSync(join(directory, name));
  writeFileSync(join(directory, 'upper/new'), 'x');
  const stdout = runProgram(t, directory, `const [upper, lower] = ['upper', 'lower'];\n${code}`);
  t.is(stdout, 'added /new\n');
  t.is(run(t, directory, 'tar', 'tf', 'layer.tar'), 'new\n');
});

test('nothing is left', assertNothingLeft);
