// The content of a tar is on the layer's device when `apply` returns, whoever keeps the layer mounted.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { DeviceMapper } from '../../../src/index.ts';
import { layoutOf } from '../../../src/storage/directory/layout.ts';
import { packDiff } from '../../../src/storage/index.ts';
import { workIn } from '../../support/kernel/holder.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { scratchDirectory } from '../../support/kernel/scratch.ts';
import { openStorage, storageRoot } from '../../support/kernel/storage.ts';

const CONTENT = 'content that must survive a power cut';

function tarOf(t: ExecutionContext): Readable {
  const source = join(scratchDirectory(t), 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), CONTENT);
  return packDiff(source);
}

/** Whether the content is on the device itself, not only in memory. */
const isOn = (device: string): boolean =>
  spawnSync('grep', ['--quiet', '--text', CONTENT, device]).status === 0;

test('a layer that is mounted already', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  await storage.create('a');
  await storage.mount('a');
  await storage.apply('a', undefined, tarOf(t));
  const { prefix } = await layoutOf(root);
  await using dm = await DeviceMapper.open();
  t.true(isOn((await dm.info(`${prefix}-a`)).path));
  await storage.unmount('a');
});

test('a layer that another process works in', async (t) => {
  const root = storageRoot(t);
  const storage = await openStorage(t, root);
  await storage.create('a');
  const worker = await workIn(t, await storage.mount('a'));
  await storage.unmount('a');
  await storage.apply('a', undefined, tarOf(t));
  const { prefix } = await layoutOf(root);
  await using dm = await DeviceMapper.open();
  t.true(isOn((await dm.info(`${prefix}-a`)).path));
  await worker.release();
});

test('nothing is left', assertNothingLeft);
