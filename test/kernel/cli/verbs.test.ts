// Every subcommand on a real kernel: its effect, its exit statuses, and Ctrl-C.

import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import test from 'ava';
import { thin, thinPool } from '../../../src/dm/targets/index.ts';
import { dmts, startDmts } from '../../support/cli/dmts.ts';
import { runHere } from '../../support/cli/in-process.ts';
import { fails, json, run, SILENT, silently } from '../../support/kernel/commands.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import {
  MiB,
  openDm,
  removeAfter,
  scratchDevice,
  scratchLoop,
  uniqueName,
} from '../../support/kernel/scratch.ts';

interface Device {
  readonly name: string;
  readonly uuid: string | null;
  readonly suspended: boolean;
  readonly live: boolean;
  readonly inactive: boolean;
  readonly readOnly: boolean;
  readonly minor: number;
  readonly path: string;
  readonly eventNr: number;
  readonly deferredRemove: boolean;
}

test('the life of a device', async (t) => {
  const name = uniqueName();
  const renamed = `${name} renamed`;
  removeAfter(t, name);
  removeAfter(t, renamed);

  await silently(t, 'create', name, '--notable', '--minor', '77');
  const { path, minor, live } = await json<Device>(t, 'info', name);
  t.deepEqual({ minor, live }, { minor: 77, live: false });
  const reload = ['reload', name, '--readonly'];
  t.deepEqual(await runHere(reload, '0 16 zero\n', process.env), SILENT);
  t.true((await json<Device>(t, 'info', name)).inactive);
  await silently(t, 'clear', name);
  t.false((await json<Device>(t, 'info', name)).inactive);
  await silently(t, 'reload', name, '--table', '0 16 zero');
  await silently(t, 'resume', name);
  t.true(existsSync(`/dev/mapper/${name}`));

  await silently(t, 'suspend', '--noflush', '--nolockfs', path);
  t.true((await json<Device>(t, 'info', path)).suspended);
  t.false((await json<Device>(t, 'resume', path)).suspended);
  t.deepEqual(await run('message', name, '0', '@stats_create', '-', '8'), {
    ...SILENT,
    stdout: '0\n',
  });
  t.is((await run('message', name, '0', '@stats_list')).stdout, '0: 0+16 8 - -\n');
  t.is(
    (await run('message', '--json', name, '0', '@stats_delete', '0')).stdout,
    '{\n  "response": null\n}\n',
  );

  await silently(t, 'rename', name, renamed);
  await silently(t, 'rename', '--setuuid', renamed, 'U V');
  t.is((await json<Device>(t, 'info', '--uuid', 'U V')).name, renamed);
  t.is((await json<Device>(t, 'info', '--uuid', 'U V')).uuid, 'U V');
  t.deepEqual(
    [existsSync(`/dev/mapper/${name}`), (await json<Device[]>(t, 'ls')).length],
    [false, 1],
  );

  await silently(t, 'remove', '--force', '--retry', '-u', 'U V');
  t.is((await run('ls')).stdout, 'No devices found\n');
  t.deepEqual(await json(t, 'table'), []);
});

test('the version subcommands', async (t) => {
  t.regex(
    dmts(['version']).stdout,
    /^Library version: {3}\d\S+\nDriver version: {4}4\.\d+\.\d+\n$/,
  );
  t.regex(dmts(['targets']).stdout, /^linear {10} v1\.\d+\.\d+$/m);
  const [target] = await json<{ readonly name: string; readonly version: string }[]>(t, 'targets');
  t.is(typeof target?.name, 'string');
});

test('exit status 3: the device does not exist', async (t) => {
  t.is(dmts(['info', 'no-such']).status, 3);
  const verbs = ['info', 'status', 'table', 'deps', 'clear', 'suspend', 'resume', 'remove', 'wait'];
  for (const verb of verbs) await fails(t, 3, /^dmts: ENXIO: .*no-such/, verb, 'no-such');
  await fails(t, 3, /^dmts: ENXIO/, 'reload', 'no-such', '--table', '0 8 zero');
  await fails(t, 3, /^dmts: ENXIO/, 'message', 'no-such', '0', 'hello');
  await fails(t, 3, /^dmts: ENXIO/, 'rename', 'no-such', 'other');
  await fails(t, 3, /^dmts: ENXIO/, 'info', '--major', '4000', '--minor', '1');
  await fails(t, 3, /^dmts: \/dev\/mapper\/no-such does not exist/, 'info', '/dev/mapper/no-such');
  await fails(t, 2, /^dmts: \/dev\/null is not a block device/, 'info', '/dev/null');
});

test('exit status 4: the device is busy', async (t) => {
  const [one, two] = [uniqueName(), uniqueName()];
  for (const name of [one, two]) {
    removeAfter(t, name);
    await silently(t, 'create', name, '--table', '0 8 zero');
  }
  await fails(t, 4, /EBUSY.*already exists/, 'create', one, '--table', '0 8 zero');
  await fails(t, 4, /EBUSY.*in use/, 'rename', one, two);
  const fd = openSync(`/dev/mapper/${one}`, 'r');
  const held = new RegExp(`EBUSY.*It is open in pid ${process.pid} .* as descriptor ${fd}\\. With`);
  await fails(t, 4, held, 'remove', one);
  await fails(t, 4, held, 'remove', '-S', `name=${one}`);
  const above = uniqueName();
  removeAfter(t, above);
  await silently(t, 'create', above, '--table', `0 8 linear /dev/mapper/${two} 0`);
  await fails(t, 4, new RegExp(`It is below device ${above} \\(dm-`), 'remove', two);
  await silently(t, 'remove', '--retry', above);
  t.is(dmts(['remove', one]).status, 4);
  const retried = startDmts(['remove', '--retry', one]);
  setTimeout(() => closeSync(fd), 2000);
  t.deepEqual(await retried.ended, { ...SILENT, signal: null });

  const again = openSync(`/dev/mapper/${two}`, 'r');
  const deferred = dmts(['remove', '--deferred', two]);
  t.deepEqual([deferred.status, deferred.stdout], [0, '']);
  t.regex(deferred.stderr, /is open: the kernel removes it when the last holder closes it/);
  t.true((await json<Device>(t, 'info', two)).deferredRemove);
  closeSync(again);
  t.is(dmts(['info', two]).status, 3);
  await silently(t, 'mknodes');
  t.false(existsSync(`/dev/mapper/${two}`));
});

test('exit statuses 1 and 2: an invalid table', async (t) => {
  const name = uniqueName();
  await fails(t, 1, /EINVAL.*no target type "nonsense"/, 'create', name, '--table', '0 8 nonsense');
  await fails(
    t,
    1,
    /\/dev\/no-such does not exist/,
    'create',
    name,
    '--table',
    '0 8 linear /dev/no-such 0',
  );
  await fails(t, 2, /table\[0\]\.start: expected 0/, 'create', name, '--table', '8 8 zero');
  await fails(t, 2, /line 1: expected START LENGTH/, 'create', name, '--table', 'zero');
  t.is((await runHere(['info', name])).status, 3, 'the device does not exist');
});

test('Ctrl-C during a wait for an event: one sentence, exit status 130, and an unchanged device', async (t) => {
  const dm = await openDm(t);
  const { name } = await scratchDevice(t, dm, { table: [{ length: 8n, type: 'zero' }] });
  const before = await dm.info(name);
  const waiting = startDmts(['wait', name], { DEBUG: 'dmts:ioctl' });
  await waiting.says('DM_DEV_WAIT');
  waiting.child.kill('SIGINT');
  const { status, stdout, stderr } = await waiting.ended;
  t.deepEqual([status, stdout], [130, '']);
  t.regex(stderr, /^dmts: interrupted: the device is unchanged$/m);
  t.deepEqual(await dm.info(name), before);

  const second = startDmts(['wait', name, '--json'], { DEBUG: 'dmts:ioctl' });
  await second.says('DM_DEV_WAIT');
  // The event may arrive before the wait begins; then there is nothing to wait for.
  await dm.setUuid(name, uniqueName('uuid'));
  const event = await second.ended;
  t.is(event.status, 0);
  t.is((JSON.parse(event.stdout) as Device).eventNr, 1);
});

test('Ctrl-C while a suspend waits for I/O: the device keeps running', async (t) => {
  const dm = await openDm(t);
  const [metadataDevice, dataDevice] = [await scratchLoop(t, 4 * MiB), await scratchLoop(t)];
  const table = (length: number) => [thinPool({ length, metadataDevice, dataDevice })];
  const pool = await scratchDevice(t, dm, { table: table(128) }, uniqueName('pool'));
  await dm.message(pool.name, 'create_thin 0');
  const device = await scratchDevice(t, dm, {
    table: [thin({ length: 256, pool: pool.path, id: 0 })],
  });
  // The pool has one block, so the second write waits for space.
  const writer = spawn('dd', ['if=/dev/zero', `of=${device.path}`, 'bs=64k', 'oflag=direct'], {
    stdio: 'ignore',
  });
  const written = new Promise((resolve) => writer.once('close', resolve));
  t.teardown(async () => {
    await dm.reload(pool.name, table(16_384), { noFlush: true });
    await written;
  });
  while (!(await dm.status(pool.name, { noFlush: true })).targets[0]!.params.includes('1/1')) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const suspending = startDmts(['suspend', device.name], { DEBUG: 'dmts:ioctl' });
  await suspending.says('DM_DEV_SUSPEND');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  t.is(suspending.child.exitCode, null, 'it waits');
  suspending.child.kill('SIGINT');
  const { status, stderr } = await suspending.ended;
  t.is(status, 130);
  t.regex(stderr, /^dmts: interrupted: the device is not suspended$/m);
  t.false((await dm.info(device.name)).suspended);
});

test('remove_all removes all devices that are not in use, and reports the others', async (t) => {
  const dm = await openDm(t);
  const [busy, idle] = [
    await scratchDevice(t, dm, { table: [{ length: 8n, type: 'zero' }] }),
    uniqueName(),
  ];
  await dm.create(idle);
  const fd = openSync(busy.path, 'r');
  await fails(t, 2, /add --yes/, 'remove_all');
  const { status, stdout, stderr } = dmts(['remove_all', '--yes']);
  closeSync(fd);
  t.deepEqual([status, stdout], [0, '']);
  t.regex(
    stderr,
    new RegExp(`in use and not removed: ${busy.name} \\(open in pid ${process.pid} .*\\)$`, 'm'),
  );
  t.deepEqual(
    (await dm.list()).map(({ name }) => name),
    [busy.name],
  );
});

test('nothing is left', assertNothingLeft);
