// An image is unpacked from a tar, two containers use it, and one of them is changed.
// Needs root and a kernel with device mapper. Removes everything at the end, even after an error.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { DeviceMapper, deviceTrees, formatTrees } from 'dmts';
import { type Change, DevicemapperStorage } from 'dmts/storage';
import { done, doneAll, interrupt, loopsOn, say } from './log.ts';

const OPTIONS = ['dm.loopdatasize=512M', 'dm.loopmetadatasize=8M', 'dm.basesize=96M', 'dm.fs=ext4'];
const LETTERS: Readonly<Record<Change['kind'], string>> = {
  added: 'A',
  modified: 'C',
  deleted: 'D',
};

const run = promisify(execFile);
/** Create the tar of a small system. */
async function imageTar(directory: string): Promise<string> {
  const system = join(directory, 'system');
  await mkdir(join(system, 'etc'), { recursive: true });
  await mkdir(join(system, 'bin'));
  await writeFile(join(system, 'etc/motd'), 'from the image\n');
  await writeFile(join(system, 'etc/obsolete'), 'not needed\n');
  await writeFile(join(system, 'bin/hello'), '#!/bin/sh\necho hello\n');
  await chmod(join(system, 'bin/hello'), 0o4755);
  const tar = join(directory, 'image.tar');
  await run('tar', ['--create', '--file', tar, '--directory', system, '.']);
  return tar;
}

/** The part that the README shows. */
async function life(root: string, tar: string) {
  const { signal } = interrupt;
  // README: begin
  const storage = await DevicemapperStorage.open({ root, storageOptions: OPTIONS, signal });
  await storage.create('image');
  await storage.apply('image', undefined, createReadStream(tar));
  await storage.create('one', { parent: 'image' });
  await storage.create('two', { parent: 'image' });
  const one = await storage.mount('one'); // …/mnt/one/rootfs
  const two = await storage.mount('two');
  // README: end
  return { storage, one, two };
}

async function story(directory: string): Promise<void> {
  const root = join(directory, 'devicemapper');
  await mkdir(root);
  const { storage, one, two } = await life(root, await imageTar(directory));
  try {
    await tell(storage, one, two);
    for (const id of ['one', 'two']) await storage.unmount(id);
    for (const id of ['one', 'two', 'image']) await storage.remove(id);
    done('removed', `${storage.layers().length} layers remain`);
  } finally {
    await storage.shutdown();
  }
}

const read = (content: string, file: string): Promise<string> =>
  readFile(join(content, file), 'utf8');

async function tell(storage: DevicemapperStorage, one: string, two: string): Promise<void> {
  done('image', 'unpacked from a tar into a layer');
  for (const { id, deviceId, size } of storage.layers()) {
    done('', `layer ${id}: thin device ${deviceId}, ${size} bytes`);
  }
  await writeFile(join(one, 'etc/motd'), 'changed in one\n');
  await writeFile(join(one, 'etc/new'), 'made in one\n');
  await rm(join(one, 'etc/obsolete'));
  assert.equal(await read(one, 'etc/motd'), 'changed in one\n');
  assert.equal(await read(two, 'etc/motd'), 'from the image\n');
  assert.deepEqual((await readdir(join(two, 'etc'))).toSorted(), ['motd', 'obsolete']);
  done('one', `reads "${(await read(one, 'etc/motd')).trim()}"`);
  done('two', `reads "${(await read(two, 'etc/motd')).trim()}"`);
  done('isolated', 'the changes in one do not show in two');

  const changes: string[] = [];
  for await (const { kind, path } of storage.changes('one', 'image'))
    changes.push(`${LETTERS[kind]} ${path}`);
  assert.deepEqual(changes, ['C /etc', 'C /etc/motd', 'A /etc/new', 'D /etc/obsolete']);
  doneAll('changes', changes);
  const tar = await text(await storage.diff('one', 'image'));
  assert(tar.includes('etc/.wh.obsolete'));
  done('', `as a tar: ${tar.length} bytes, with a whiteout for the deleted file`);

  await using dm = await DeviceMapper.open();
  doneAll('devices', formatTrees(await deviceTrees(dm)));
  const items = await storage.statusItems();
  doneAll(
    'status',
    items.map(([key, value]) => `${key}: ${value}`),
  );
}

async function main(): Promise<void> {
  await using dm = await DeviceMapper.open();
  say('dmts', `on Linux ${release()}, device mapper ${(await dm.version()).join('.')}`);
  const before = await dm.list();
  const directory = await mkdtemp(join(tmpdir(), 'dmts-example-'));
  try {
    await story(directory);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    say('stopped', 'interrupted: everything is removed');
    process.exitCode = 130;
  } finally {
    await rm(directory, { recursive: true });
  }
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).includes(directory);
  assert.deepEqual([await dm.list(), await loopsOn(directory), mounts], [before, [], false]);
  say('gone', 'no device, loop device, mount or file of this run is left');
}

await main();
