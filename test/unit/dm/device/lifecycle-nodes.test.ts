// The nodes in /dev/mapper that the operations create and remove, on a fake kernel.

import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DeviceCommands } from '../../../../src/dm/device/device-commands.ts';
import { Lifecycle } from '../../../../src/dm/device/lifecycle.ts';
import { checkTable } from '../../../../src/dm/text/table.ts';
import { openUdev, type UdevOptions } from '../../../../src/dm/udev/udev.ts';
import { Control } from '../../../../src/dm/wire/control.ts';
import { DmFlag, fakeKernel, type KernelFunction } from '../../../../src/testing/index.ts';
import { nameList } from '../../../support/arbitraries/kernel-replies.ts';
import { DEV, ZERO } from '../../../support/dm/scripted.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const { ACTIVE_PRESENT: LIVE, DEFERRED_REMOVE } = DmFlag;
const selector = { name: 'a', label: 'a' };

/** The operations on this kernel, and the names of the existing nodes. */
function onKernel(
  t: ExecutionContext,
  kernel: KernelFunction,
  udev: UdevOptions = { sync: false },
) {
  const devDir = tempDir(t);
  mkdirSync(join(devDir, 'mapper'));
  writeFileSync(join(devDir, 'mapper', 'control'), '');
  const commands = new DeviceCommands(new Control(fakeKernel(kernel)), {
    mangling: 'auto',
    devDir,
  });
  const verbs = new Lifecycle(commands, openUdev(udev), devDir);
  const names = (): readonly string[] =>
    readdirSync(join(devDir, 'mapper')).filter((name) => name !== 'control');
  return { verbs, names, devDir };
}

const running: KernelFunction = ({ header }) => ({
  name: header.name || 'a',
  dev: DEV,
  flags: LIVE,
});

test('a resume creates the node, and a removal removes it', async (t) => {
  const { verbs, names, devDir } = onKernel(t, running);
  await verbs.load(selector, checkTable(ZERO), {});
  t.deepEqual(names(), []);
  await verbs.resume(selector, {});
  t.deepEqual(names(), ['a']);
  t.true(lstatSync(join(devDir, 'mapper', 'a')).isSymbolicLink());
  t.deepEqual(await verbs.remove(selector, {}), { deferred: false });
  t.deepEqual(names(), []);
});

test('a resume without a table creates no node', async (t) => {
  const { verbs, names } = onKernel(t, () => ({ name: 'a', dev: DEV, flags: 0 }));
  await verbs.resume(selector, {});
  t.deepEqual(names(), []);
});

test('a deferred removal keeps the node', async (t) => {
  const { verbs, names } = onKernel(t, ({ command }) => ({
    name: 'a',
    dev: DEV,
    flags: command.name === 'DM_DEV_REMOVE' ? LIVE | DEFERRED_REMOVE : LIVE,
  }));
  await verbs.resume(selector, {});
  t.deepEqual(await verbs.remove(selector, { deferred: true }), { deferred: true });
  t.deepEqual(names(), ['a']);
});

test('a rename replaces the node', async (t) => {
  const { verbs, names } = onKernel(t, running);
  await verbs.resume(selector, {});
  await verbs.rename(selector, { name: 'b', label: 'b' }, {});
  t.deepEqual(names(), ['b']);
});

test('everyInfo skips a device that is removed after the list', async (t) => {
  const entry = { eventNr: 0, uuid: undefined };
  const payload = nameList([
    { name: 'a', dev: DEV, ...entry },
    { name: 'b', dev: DEV + 1n, ...entry },
  ]);
  const { verbs } = onKernel(t, ({ command, header }) => {
    if (command.name === 'DM_LIST_DEVICES') return { payload };
    return header.dev === DEV ? 'ENXIO' : { name: 'b', dev: header.dev };
  });
  t.deepEqual(
    (await verbs.everyInfo()).map(({ name }) => name),
    ['b'],
  );
});

test('everyInfo throws every other error', async (t) => {
  const payload = nameList([{ name: 'a', dev: DEV, eventNr: 0, uuid: undefined }]);
  const { verbs } = onKernel(t, ({ command }) =>
    command.name === 'DM_LIST_DEVICES' ? { payload } : 'EIO',
  );
  await t.throwsAsync(verbs.everyInfo(), { name: 'DmError', code: 'EIO' });
});

test('a timeout of udev does not remove the created device', async (t) => {
  const asked: string[] = [];
  const { verbs, names } = onKernel(
    t,
    ({ command }) => {
      asked.push(command.name);
      return { name: 'a', dev: DEV, flags: LIVE | DmFlag.UEVENT_GENERATED };
    },
    { sync: true, timeoutMs: 0 },
  );
  const table = checkTable(ZERO);
  await t.throwsAsync(verbs.create({ selector, table }), { name: 'UdevTimeoutError' });
  t.deepEqual(names(), ['a']);
  t.false(asked.includes('DM_DEV_REMOVE'));
});
