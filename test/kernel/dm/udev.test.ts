// With a running udevd: names below /dev/mapper are right at once and remain right, and its probing does not
// prevent the removal of a device.

import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs';
import test from 'ava';
import { linear, zero } from '../../../src/dm/targets/index.ts';
import {
  openDm,
  output,
  scratchDevice,
  scratchLoop,
  uniqueName,
} from '../../support/kernel/scratch.ts';
import { useUdevd } from '../../support/kernel/udevd.ts';

const ROUNDS = 20;

useUdevd(test);

const settle = (): string => output('udevadm', 'settle', '--timeout=60');

test(`${ROUNDS} times create, rename, remove beside udevd: every name is right`, async (t) => {
  const dm = await openDm(t);
  const disk = await scratchLoop(t);
  for (let i = 0; i < ROUNDS; i++) {
    const name = uniqueName();
    const device = await scratchDevice(
      t,
      dm,
      { table: [linear({ length: 2048, device: disk })] },
      name,
    );
    const node = `/dev/mapper/${name}`;
    t.is(readlinkSync(node), `../dm-${device.minor}`, 'right at once');
    settle();
    t.is(BigInt(statSync(node).rdev), device.dev, 'still right when udev is done');

    const renamed = `${name}-renamed`;
    await dm.rename(name, renamed);
    t.is(BigInt(statSync(`/dev/mapper/${renamed}`).rdev), device.dev);
    settle();
    t.true(lstatSync(`/dev/mapper/${renamed}`).isSymbolicLink());
    t.false(existsSync(node));

    await dm.remove(renamed, { retryMs: 10_000 });
    t.false(existsSync(`/dev/mapper/${renamed}`));
  }
  settle();
});

test('a device can be removed right after its creation, even if udev is probing it', async (t) => {
  const dm = await openDm(t);
  for (let i = 0; i < ROUNDS; i++) {
    const { name } = await scratchDevice(t, dm, { table: [zero({ length: 2048 })] });
    t.deepEqual(await dm.remove(name, { retryMs: 10_000 }), { deferred: false });
  }
  settle();
});

test('udev accepts a device of this library as a genuine one', async (t) => {
  const dm = await openDm(t);
  const { name, path } = await scratchDevice(t, dm, { table: [zero({ length: 2048 })] });
  settle();
  const properties = output('udevadm', 'info', '--query=property', path);
  t.regex(properties, new RegExp(`^DM_NAME=${name}$`, 'm'));
  t.notRegex(properties, /^DM_UDEV_DISABLE_OTHER_RULES_FLAG=1$/m);
});
