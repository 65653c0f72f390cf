import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { deviceNode } from '../../../../src/ioctl/device/block.ts';
import { tempDir } from '../../../support/temp-dir.ts';

test('a device node has the name in the uevent', async (t) => {
  const sys = tempDir(t);
  const device = join(sys, 'dev/block/253:3');
  mkdirSync(device, { recursive: true });
  writeFileSync(join(device, 'uevent'), 'MAJOR=253\nMINOR=3\nDEVNAME=dm-3\nDEVTYPE=disk\n');
  t.is(await deviceNode('253:3', sys), '/dev/dm-3');
  await t.throwsAsync(deviceNode('253:4', sys), { code: 'ENOENT' });
  writeFileSync(join(device, 'uevent'), 'MAJOR=253\nMINOR=3\n');
  await t.throwsAsync(deviceNode('253:3', sys), { message: /253:3: expected DEVNAME/ });
});
