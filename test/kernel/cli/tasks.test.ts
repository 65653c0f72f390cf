// The pages of docs/tasks: their commands and their programs run as printed, one section after the other, with the commands
// first and then with the library. The disks of the pages are links to loop devices.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { DeviceMapper, SecretKey } from '../../../src/index.ts';
import { unmount } from '../../../src/ioctl/index.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { type Block, blocksOf } from '../../support/doc-blocks.ts';
import { full, readSectors, writeSectors } from '../../support/kernel/device-io.ts';
import {
  changed,
  environment,
  makeProject,
  run,
  runProgram,
} from '../../support/kernel/doc-project.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import {
  MiB,
  openDm,
  removeAfter,
  scratchDirectory,
  scratchLoop,
} from '../../support/kernel/scratch.ts';
import { SMALL, takeStorageApart } from '../../support/kernel/storage.ts';
import { removePool } from '../../support/kernel/thin.ts';

/** A page, and the directory in which its blocks run. */
class Page {
  readonly directory: string;
  readonly #t: ExecutionContext;
  readonly #sections: ReadonlyMap<string, readonly Block[]>;
  readonly #left: Set<Block>;
  readonly #changes: Readonly<Record<string, string>>;

  /** `changes` are texts to replace before a block runs. */
  constructor(t: ExecutionContext, name: string, changes: Readonly<Record<string, string>> = {}) {
    const path = `docs/tasks/${name}.md`;
    const parts = readFileSync(path, 'utf8').split(/^## /m);
    const sections = parts.map((text) => [text.split('\n')[0]!, blocksOf(path, text)] as const);
    this.#sections = new Map(sections);
    this.#left = new Set(sections.flatMap(([, blocks]) => blocks));
    this.#changes = changes;
    this.#t = t;
    this.directory = makeProject(t);
  }

  /** The text of a block as it runs. */
  text(section: string, number = 1): string {
    const block = this.#sections.get(section)?.[number - 1];
    if (block === undefined) throw new RangeError(`no block ${number} in the section ${section}`);
    this.#left.delete(block);
    const changes = Object.entries(this.#changes).filter(([from]) => block.code.includes(from));
    return changed(this.#t, block.code, Object.fromEntries(changes));
  }

  /** Run a block, and return its output. */
  run(section: string, number = 1): string {
    const code = this.text(section, number);
    return this.#sections.get(section)![number - 1]!.language === 'sh'
      ? run(this.#t, this.directory, 'sh', '-e', '-c', code)
      : runProgram(this.#t, this.directory, code);
  }

  /** Run a block of shell that ends with status 1, and return its output. */
  fail(section: string, number = 1): string {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', this.text(section, number)], {
      cwd: this.directory,
      env: environment(this.directory),
      encoding: 'utf8',
    });
    this.#t.is(status, 1, stderr);
    return stdout;
  }

  /** Every block has run. */
  assertComplete(): void {
    this.#t.deepEqual([...this.#left], []);
  }
}

/** Link a disk's name to a loop device. An existing disk is not touched. */
async function disk(t: ExecutionContext, name: string, size: number): Promise<string> {
  const loop = await scratchLoop(t, size);
  symlinkSync(loop, name);
  t.teardown(() => unlinkSync(name));
  return loop;
}

/** Run an endless block until it prints `line`, and end it. */
async function runUntil(
  t: ExecutionContext,
  directory: string,
  command: string,
  args: readonly string[],
  line: RegExp,
): Promise<void> {
  const child = spawn(command, args, { cwd: directory, env: environment(directory) });
  const lines: string[] = [];
  child.stderr.on('data', (text) => lines.push(String(text)));
  for await (const one of createInterface(child.stdout)) {
    lines.push(one);
    if (line.test(one)) child.kill();
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  t.true(
    lines.some((one) => line.test(one)),
    lines.join('\n'),
  );
}

const exists = async (name: string): Promise<boolean> => {
  await using dm = await DeviceMapper.open();
  return await dm.exists(name);
};

test('encrypt a volume', async (t) => {
  const page = new Page(t, 'encrypt');
  const loop = await disk(t, '/dev/sdb', 64 * MiB);
  removeAfter(t, 'secret');
  t.teardown(() => spawnSync('keyctl', ['purge', 'logon', 'dmts:secret']));

  t.regex(page.run('Key'), /^\d+\n$/);
  page.run('Commands');
  const printed = /^0 131072 crypt aes-xts-plain64 :64:logon:dmts:secret 0 7:\d+ 0\n.*TYPE="ext4"/;
  t.regex(page.run('Check'), printed);
  // Nothing on the disk tells what it holds.
  t.is(spawnSync('blkid', ['-p', loop]).status, 2);
  page.run('Undo');
  t.false(await exists('secret'));
  const { stderr, status } = spawnSync('sh', ['-e', '-c', page.text('Commands')], {
    cwd: page.directory,
    env: environment(page.directory),
    encoding: 'utf8',
  });
  t.is(status, 1);
  t.true(stderr.includes('ENOKEY'), stderr);

  // The kernel accepts a wrong key. The decrypted data then has no filesystem.
  const shell = (text: string) => run(t, page.directory, 'sh', '-e', '-c', text);
  const [, add = ''] = page.text('Key').trim().split('\n');
  const [create = ''] = page.text('Commands').split('\n');
  shell(`head -c 64 /dev/urandom | ${add.replace('< key', '')}`);
  shell(create);
  t.is(spawnSync('blkid', ['-p', '/dev/mapper/secret']).status, 2);
  page.run('Undo');

  // The same key, as long as the file has it.
  shell(add);
  page.run('Library');
  t.regex(page.run('Check'), printed);
  page.run('Undo');

  page.run('Library', 2);
  const dm = await openDm(t);
  const [line] = (await dm.table('secret')).targets;
  const bytes = readFileSync(join(page.directory, 'key'));
  t.is(line!.params.split(' ')[1], SecretKey.fromBytes(bytes).reveal());
  t.is(
    run(t, page.directory, 'blkid', '-o', 'value', '-s', 'TYPE', '/dev/mapper/secret'),
    'ext4\n',
  );
  await dm.remove('secret', { retryMs: 10_000 });
  page.assertComplete();
});

test('cache a disk', async (t) => {
  const page = new Page(t, 'cache');
  const slow = await disk(t, '/dev/sdb', 128 * MiB);
  await disk(t, '/dev/nvme0n1', 128 * MiB);
  for (const name of ['disk-meta', 'disk-fast', 'disk']) removeAfter(t, name);
  writeSectors(slow, 0, full('o', 8));

  for (const way of ['Commands', 'Library']) {
    page.run(way);
    t.deepEqual(readSectors('/dev/mapper/disk', 0, 8), full('o', 8));
    writeSectors('/dev/mapper/disk', 8, full(way[0]!, 8));
    const [status = '', ...tree] = page.run('Check').split('\n');
    t.regex(status, /^0 262144 cache 8 \d+\/16384 512 \d+\/256 .* 1 writethrough .* rw - $/);
    t.is(tree[0]!.split(' ')[0], 'disk');
    t.regex(
      page.run('Check', 2),
      /^\{ readHits: \d+n, readMisses: \d+n, dirty: 0n, needsCheck: false \}\n$/,
    );
    page.run('Undo');
    t.false(await exists('disk-meta'));
    t.deepEqual(readSectors(slow, 8, 8), full(way[0]!, 8));
  }
  // The metadata stays usable without the dd.
  run(t, page.directory, 'sh', '-e', '-c', page.text('Commands').replace(/^dd .*$/m, ''));
  t.deepEqual(readSectors('/dev/mapper/disk', 0, 8), full('o', 8));
  page.run('Undo');
  page.assertComplete();
});

// Linux 7 adds the number of corrected blocks to the status.
test('verify an image', async (t) => {
  const page = new Page(t, 'verify');
  const image = join(page.directory, 'image.img');
  writeFileSync(image, '');
  truncateSync(image, 8 * MiB);
  run(t, page.directory, 'mkfs.ext4', '-q', '-b', '4096', image);
  const detach = (name: string) => `losetup -n -O NAME -j ${name} | xargs -r losetup -d`;
  t.teardown(() =>
    spawnSync('sh', ['-c', `${detach('image.img')}; ${detach('image.hash')}`], {
      cwd: page.directory,
    }),
  );
  removeAfter(t, 'image');
  t.teardown(() => unmount('/mnt', { lazy: true }).catch(() => undefined));

  page.run('Hash tree');
  for (const way of ['Commands', 'Library']) {
    page.run(way);
    t.true(existsSync('/mnt/lost+found'));
    t.regex(page.run('Check'), /^0 16384 verity V( -)?\n$/);
    page.run('Undo');
    t.false(await exists('image'));
    t.is(run(t, page.directory, 'losetup', '--noheadings', '-j', 'image.img'), '');
  }

  // The last block is of no file, so that the mount succeeds.
  writeSectors(image, 16376, full('x', 8));
  page.run('Library');
  const read = spawnSync('dd', ['if=/dev/mapper/image', 'bs=4k', 'skip=2047', 'iflag=direct']);
  t.true(read.stderr.includes('Input/output error'), String(read.stderr));
  t.regex(page.run('Check'), /^0 16384 verity C( -)?\n$/);
  page.run('Undo');

  writeFileSync(join(page.directory, 'image.root'), '5a'.repeat(32));
  const [mount = ''] = page.text('Commands').trim().split('\n').slice(-1);
  run(t, page.directory, 'sh', '-e', '-c', page.text('Commands').replace(mount, ''));
  t.not(spawnSync('sh', ['-c', mount]).status, 0);
  run(t, page.directory, 'sh', '-e', '-c', page.text('Undo').replace('umount /mnt', ''));
  page.assertComplete();
});

test('grow a pool', async (t) => {
  const page = new Page(t, 'grow-pool', {
    '--data-size 10g': '--data-size 64m',
    '--data +10g': '--data +64m',
    '--extend-data 1g:100g': '--extend-data 16m:256m',
    "'20G'": "'128M'",
    "step: parseSize('1G'), ceiling: parseSize('100G')":
      "step: parseSize('16M'), ceiling: parseSize('256M')",
  });
  const fill = (megabytes: number) => {
    const to = ['of=/dev/mapper/tank-1', 'bs=1M', `count=${megabytes}`, 'oflag=direct'];
    run(t, page.directory, 'dd', 'if=/dev/zero', ...to, 'status=none');
  };
  const dm = await openDm(t);
  t.teardown(() => removePool(dm, 'tank'));

  page.run('Pool');
  page.run('Commands');
  t.regex(page.run('Check'), /state +ok\n +data .* of 128\.00m, .*\n +metadata .* of 32\.00m/);
  fill(110);
  const watch = ['-e', '-c', `exec ${page.text('Commands', 2)}`];
  await runUntil(t, page.directory, 'sh', watch, /^extended data 144\.00m$/);
  t.regex(page.run('Check'), /data .* of 144\.00m/);
  page.run('Undo');
  t.false(await exists('tank'));

  page.run('Pool');
  page.run('Library');
  t.regex(page.run('Check'), /state +ok\n +data .* of 128\.00m, .*\n +metadata .* of 32\.00m/);
  fill(110);
  writeFileSync(join(page.directory, 'extend.mjs'), page.text('Library', 2));
  const line = new RegExp(`^extended data ${144 * MiB}n$`);
  await runUntil(t, page.directory, process.execPath, ['extend.mjs'], line);
  t.regex(page.run('Check'), /data .* of 144\.00m/);
  page.run('Undo');
  t.false(existsSync(join(page.directory, 'data.img')));
  page.assertComplete();
});

test('back up a thin device', async (t) => {
  const page = new Page(t, 'back-up', { '1g': '64m', "'1G'": "'64M'" });
  const dm = await openDm(t);
  t.teardown(() => removePool(dm, 'tank'));
  const mounted = join(page.directory, 'mnt');
  mkdirSync(mounted);
  t.teardown(() => unmount(mounted, { lazy: true }).catch(() => undefined));
  const shell = (text: string) => run(t, page.directory, 'sh', '-e', '-c', text);
  shell(`
    dmts pool create tank --metadata meta.img --metadata-size 4m --data data.img --data-size 256m
    dmts thin create tank 1 --activate --size 64m
    mkfs.ext4 -q /dev/mapper/tank-1
    mount /dev/mapper/tank-1 mnt`);
  const write = (name: string) =>
    shell(`dd if=/dev/urandom of=mnt/${name} bs=64k count=30 status=none; sync mnt/${name}`);

  for (const [first, next] of [
    [
      ['First backup', 1],
      ['Next backup', 1],
    ],
    [
      ['Library', 1],
      ['Library', 2],
    ],
  ] as const) {
    write('one');
    write('two');
    page.run(first[0], first[1]);
    // Changed, new and discarded blocks.
    write('one');
    write('three');
    shell('rm mnt/two; fstrim mnt');
    page.run(next[0], next[1]);
    t.is(page.run('Check'), '');
    t.regex(shell('dmts thin ls tank'), /^ +12 /m);
    t.notRegex(shell('dmts thin ls tank'), /^ +11 /m);
    page.run('Restore');
    t.is(shell('cmp disk.img /dev/mapper/restored'), '');
    shell('dmts thin deactivate tank 2 --timeout 10; dmts thin delete tank 2 --confirm tank-2');
    page.run('Undo');
    t.notRegex(shell('dmts thin ls tank'), /^ +12 /m);
  }
  page.assertComplete();
});

test("take over Docker's directory", async (t) => {
  const [image, layer, container] = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
  const docker = join(scratchDirectory(t), 'docker');
  const root = join(docker, 'devicemapper');
  t.teardown(() => takeStorageApart(root));
  const page = new Page(t, 'docker', { '/var/lib/docker': docker, CONTAINER: container! });
  mkdirSync(root, { recursive: true });
  // What Docker leaves: an image, the container's two layers, and the file that names the upper one.
  const storage = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  await storage.create(image!);
  writeFileSync(join(await storage.mount(image!), 'motd'), 'of the image');
  await storage.unmount(image!);
  await storage.create(`${layer}-init`, { parent: image! });
  await storage.create(layer!, { parent: `${layer}-init` });
  writeFileSync(join(await storage.mount(layer!), 'note'), 'of the container');
  await storage.unmount(layer!);
  await storage.shutdown();
  const mounts = `${docker}/image/devicemapper/layerdb/mounts/${container}`;
  mkdirSync(mounts, { recursive: true });
  writeFileSync(join(mounts, 'mount-id'), layer!);
  // The guest has no systemd.
  const calls = join(page.directory, 'calls');
  const systemctl = join(page.directory, 'bin/systemctl');
  writeFileSync(systemctl, `#!/bin/sh\necho "$@" >> ${calls}\n`, { mode: 0o755 });

  const check = (): void => {
    // The first tar has the change only, the second one the file of the image as well.
    t.regex(page.run('Check'), /^note\n(?:.*\n)*motd\n(?:.*\n)*.*DeviceName/);
    t.is(readFileSync(`${root}/mnt/web/rootfs/note`, 'utf8'), 'of the container');
  };
  const listed = page.run('Commands');
  t.true(listed.includes(image!) && listed.includes(`${layer}-init`), listed);
  t.regex(listed, /^ *Pool Name: /m);
  t.is(page.run('Commands', 2), 'A /note\n');
  t.is(page.run('Commands', 3), `${root}/mnt/web/rootfs\n`);
  check();
  page.run('Undo');
  t.is(readFileSync(calls, 'utf8'), 'stop docker\nstart docker\n');

  const printed = page.run('Library');
  t.true(printed.includes('added /note\n'), printed);
  check();
  page.run('Undo');
  await using dm = await DeviceMapper.open();
  t.deepEqual(
    (await dm.list()).filter(({ name }) => name.startsWith('docker-')),
    [],
  );
  page.assertComplete();
});

test('recover', async (t) => {
  const root = join(scratchDirectory(t), 'layers');
  t.teardown(() => takeStorageApart(root));
  const page = new Page(t, 'recover', { '/srv': dirname(root) });
  const storage = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  for (const id of ['image', 'web', 'old']) await storage.create(id);
  await storage.shutdown();
  const record = (id: string): string => join(root, 'metadata', id);
  const web = readFileSync(record('web'), 'utf8');
  /** The record of `web` is lost, and `old` is removed but not deleted. */
  const damage = (): void => {
    unlinkSync(record('web'));
    const old = readFileSync(record('old'), 'utf8');
    writeFileSync(record('old'), old.replace('"deleted":false', '"deleted":true'));
  };

  damage();
  page.run('Undo');
  const plain = (text: string): string => text.trim().replaceAll(/docker-\S+-pool/g, 'POOL');
  t.is(plain(page.fail('Commands')), plain(page.text('Commands', 2)));
  t.regex(page.fail('Commands', 3), /: 1 difference\. 1 layer, 3 thin devices/);
  t.regex(page.run('Commands', 4), /: in order: 2 layers, 3 thin devices/);
  t.is(readFileSync(record('web'), 'utf8'), web);
  t.regex(page.run('Check'), /in order[\s\S]*\nweb /);

  const again = await DevicemapperStorage.open({ root, storageOptions: SMALL });
  await again.create('old');
  await again.shutdown();
  damage();
  t.regex(
    page.run('Library'),
    /thin device 3: no record names it[\s\S]*thin device 3 is layer "web" now/,
  );
  t.regex(page.run('Check'), /in order[\s\S]*\nweb /);
  page.assertComplete();
});

test('nothing is left', assertNothingLeft);
