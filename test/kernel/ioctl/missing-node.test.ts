// Missing nodes in a private /dev: in a container, a chroot, an initramfs.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { zero } from '../../../src/dm/targets/index.ts';
import { openControlNode } from '../../../src/dm/wire/control-node.ts';
import { DeviceMapper, DmError } from '../../../src/index.ts';
import { MissingNode } from '../../../src/ioctl/device/missing-node.ts';
import { miscTarget } from '../../../src/ioctl/device/node-target.ts';
import { mount, unmount } from '../../../src/ioctl/file/mount.ts';
import { openDm, removeAfter, scratchDirectory, uniqueName } from '../../support/kernel/scratch.ts';

const CONTROL = (10 << 8) | 236;

/** Mount an empty tmpfs; unmount it when the test ends. */
async function emptyDev(t: ExecutionContext, data = ''): Promise<string> {
  const target = scratchDirectory(t);
  await mount({ source: 'tmpfs', target, type: 'tmpfs', data });
  t.teardown(() => unmount(target));
  return target;
}

test('a missing control node is created for root only, and works', async (t) => {
  const devDir = await emptyDev(t);
  const dm = await openDm(t, { devDir });
  const { rdev, mode, uid, gid } = statSync(join(devDir, 'mapper/control'));
  t.deepEqual([rdev, mode, uid, gid], [CONTROL, 0o020600, 0, 0]);
  t.is(statSync(join(devDir, 'mapper')).mode, 0o040755);
  const name = uniqueName();
  removeAfter(t, name);
  const { live } = await dm.create(name, { table: [zero({ length: 8 })] });
  t.true(live);
  await dm.remove(name, { retryMs: 10_000 });
  // The node remains, also for other processes.
  dm.close();
  const second = await openDm(t, { devDir });
  t.is((await second.version())[0], 4);
});

test('an existing directory "mapper" is used', async (t) => {
  const devDir = await emptyDev(t);
  mkdirSync(join(devDir, 'mapper'), { mode: 0o700 });
  await openDm(t, { devDir });
  t.is(statSync(join(devDir, 'mapper')).mode, 0o040700);
});

test('a kernel that does not list the device mapper: opening the node loads the module', async (t) => {
  const devDir = await emptyDev(t);
  const procDir = scratchDirectory(t);
  writeFileSync(join(procDir, 'misc'), '');
  const node = openControlNode({ devDir, threads: false, procDir });
  t.teardown(() => node.close());
  t.is(statSync(join(devDir, 'mapper/control')).rdev, CONTROL);
});

test('a kernel without the driver: no node and no directory remain', async (t) => {
  const path = join(await emptyDev(t), 'mapper/control');
  // No driver has this number.
  const words = { title: 'it', absent: 'there is none' };
  const node = new MissingNode(path, miscTarget('dmts-no-such-driver', 0xfffff, words));
  node.create();
  t.is(statSync(path).rdev & 0xff, 0xff);
  const refused = t.throws<NodeJS.ErrnoException>(() => openSync(path, 'r+'));
  t.regex(refused?.code ?? '', /^(ENXIO|ENODEV)$/);
  t.like(node.explain(refused), { code: 'ENOENT', hint: 'there is none' });
  t.deepEqual(readdirSync(join(path, '../..')), []);
});

/** The error of opening the device mapper in `devDir`. */
async function refusal(t: ExecutionContext, devDir: string): Promise<DmError> {
  return (await t.throwsAsync(DeviceMapper.open({ devDir }), { instanceOf: DmError }))!;
}

test('a read-only filesystem: the error has the reason and the command', async (t) => {
  const devDir = await emptyDev(t, 'ro');
  const { code, hint = '' } = await refusal(t, devDir);
  t.is(code, 'EROFS');
  t.true(hint.includes(`mknod -m 600 ${devDir}/mapper/control c 10 236`), hint);
  t.regex(hint, /^The kernel has the device mapper, but this node is missing/);
});

test('a filesystem mounted with nodev: the unusable node is removed', async (t) => {
  const devDir = scratchDirectory(t);
  await mount({ source: 'tmpfs', target: devDir, type: 'tmpfs', flags: ['nodev'] });
  t.teardown(() => unmount(devDir));
  const { code, hint } = await refusal(t, devDir);
  t.is(code, 'EACCES');
  t.is(hint, 'Nodes on a filesystem mounted with "nodev" cannot be opened. Remount it with "dev"');
  t.deepEqual(readdirSync(devDir), []);
});

for (const [what, numbers, code, message] of [
  ['another device', ['c', '1', '3'], 'ENOTTY', /"c 1 3", but the device mapper is "c 10 236"/],
  ['a missing device', ['c', '10', '199'], 'ENODEV', /"c 10 199", but the device mapper/],
  ['a block device', ['b', '10', '236'], 'ENXIO', /"b 10 236", but the device mapper/],
] as const) {
  test(`a node of ${what} remains, and the error names it`, async (t) => {
    const devDir = await emptyDev(t);
    const path = join(devDir, 'mapper/control');
    mkdirSync(join(devDir, 'mapper'));
    execFileSync('mknod', [path, ...numbers]);
    const error = await refusal(t, devDir);
    t.is(error.code, code);
    t.regex(error.hint ?? '', message);
    t.true(existsSync(path));
  });
}

// --- In private namespaces ------------------------------------------------------------------------

const ROOT = new URL('../../../src/', import.meta.url).href;

/** Run commands and then a module in new namespaces. @returns the JSON that the module prints */
function inNamespaces(flags: readonly string[], commands: string, module: string): unknown {
  const script = `${commands}; exec "$0" --input-type=module --eval "$1"`;
  const args = [...flags, 'sh', '-ec', script, process.execPath, module];
  const { stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8' });
  return stdout === '' ? stderr : JSON.parse(stdout);
}

/** An empty /dev in a private mount namespace. */
const EMPTY_DEV =
  'mount -t tmpfs tmpfs /dev; mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/urandom c 1 9';

const opening = `
  const { DeviceMapper } = await import(${JSON.stringify(`${ROOT}index.js`)});
  const { existsSync } = await import('node:fs');
  const { code, hint } = await DeviceMapper.open().catch((error) => error);
  console.log(JSON.stringify({ code, hint, left: existsSync('/dev/mapper') }));
`;

test('root of a user namespace: the error has the reason and the command', (t) => {
  const mounting = 'mount -t tmpfs tmpfs /dev; touch /dev/null';
  const outcome = inNamespaces(['-U', '-r', '-m'], mounting, opening) as Record<string, string>;
  t.like(outcome, { code: 'EPERM', left: false });
  t.regex(
    outcome['hint'] ?? '',
    /^The kernel has the device mapper, .* c 10 236" with permission to create nodes, or/,
  );
});

/** A loop device as seen from the container. */
type Found = readonly [mode: string, rdev: number, number: number, size: number];

test('a container without any node of the device mapper and of loop devices', (t) => {
  const module = `
    const { DeviceMapper } = await import(${JSON.stringify(`${ROOT}index.js`)});
    const { linear } = await import(${JSON.stringify(`${ROOT}dm/targets/index.js`)});
    const { attachLoop, blockDeviceSize, detachLoop } = await import(${JSON.stringify(`${ROOT}ioctl/index.js`)});
    const { statSync, truncateSync, writeFileSync } = await import('node:fs');
    const stat = (path) => [statSync(path).mode.toString(8), statSync(path).rdev];
    const dm = await DeviceMapper.open();
    writeFileSync('/dev/file', '');
    truncateSync('/dev/file', 1 << 20);
    const loops = [await attachLoop('/dev/file'), await attachLoop('/dev/file')];
    const name = 'dmts-test-' + process.pid;
    const table = [linear({ length: 2048, device: loops[0].path })];
    const { dev } = await dm.create(name, { table, readOnly: false });
    const mapped = [...stat('/dev/mapper/' + name), Number(await blockDeviceSize('/dev/mapper/' + name))];
    await dm.remove(name, { retryMs: 10_000 });
    const found = [];
    for (const { path, number } of loops) {
      found.push([...stat(path), number, Number(await blockDeviceSize(path))]);
      await detachLoop(path);
    }
    dm.close();
    console.log(JSON.stringify({
      dev: Number(dev),
      mapped,
      control: stat('/dev/mapper/control'),
      loopControl: stat('/dev/loop-control'),
      loops: found,
    }));
  `;
  const outcome = inNamespaces(['-m'], EMPTY_DEV, module) as {
    readonly loops: readonly Found[];
    readonly dev: number;
    readonly mapped: unknown;
  };
  t.deepEqual(outcome.mapped, ['60600', outcome.dev, 1 << 20]);
  t.like(outcome, { control: ['20600', CONTROL], loopControl: ['20600', (10 << 8) | 237] });
  t.is(outcome.loops.length, 2);
  for (const [mode, rdev, number, size] of outcome.loops) {
    t.deepEqual([mode, rdev, size], ['60600', (7 << 8) | number, 1 << 20]);
  }
});

test('a node that refers to another loop device than the free one is not used', (t) => {
  const module = `
    const { attachLoop } = await import(${JSON.stringify(`${ROOT}ioctl/index.js`)});
    const { writeFileSync } = await import('node:fs');
    writeFileSync('/dev/file', 'x'.repeat(4096));
    const { code, hint } = await attachLoop('/dev/file').catch((error) => error);
    console.log(JSON.stringify({ code, hint }));
  `;
  const wrong = `${EMPTY_DEV}; for i in $(seq 0 63); do mknod /dev/loop$i b 7 $((i + 1)); done`;
  const outcome = inNamespaces(['-m'], wrong, module) as Record<string, string>;
  t.is(outcome['code'], 'ENOTTY', JSON.stringify(outcome));
  t.regex(outcome['hint'] ?? '', /^This node is the device "b 7 \d+", but loop\d+ is "b 7 \d+"/);
});

test('the nodes of the machine are unchanged', (t) => {
  t.is(lstatSync('/dev/mapper/control').rdev, CONTROL);
});
