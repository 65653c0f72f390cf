// A thin pool on two loop files, a filesystem in it, and a snapshot that diverges from its origin.
// Needs root and a kernel with device mapper. Removes everything at the end, even after an error.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DeviceInfo, DeviceMapper, deviceTrees, formatTrees } from 'dmts';
import { attachLoop, detachLoop, mount, unmount } from 'dmts/ioctl';
import { thin, thinPool } from 'dmts/targets';
import { done, interrupt, loopsOn, say } from './log.ts';

const MiB = 1024 ** 2;
const DATA_SIZE = 256 * MiB;
const METADATA_SIZE = 4 * MiB;
/** The default of a pool. */
const BLOCK_SIZE = 64 * 1024;
/** In the order of creation; removed in reverse. */
const NAMES = ['example-pool', 'example-base', 'example-snapshot'];

const run = promisify(execFile);
/** Cleanup steps in the order of creation; run in reverse. */
type Undo = (() => Promise<unknown>)[];

async function loopFile(
  directory: string,
  name: string,
  size: number,
  undo: Undo,
): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, '');
  await truncate(file, size);
  const { path } = await attachLoop(file);
  undo.push(() => detachLoop(path));
  return path;
}

async function mounted(device: string, directory: string, undo: Undo): Promise<string> {
  await mkdir(directory);
  await mount({ source: device, target: directory, type: 'ext4' });
  undo.push(() => unmount(directory));
  return directory;
}

/** The part that the README shows: a pool, and a thin device in it. Lengths in sectors of 512 bytes. */
async function poolWithBase(
  dm: DeviceMapper,
  metadataDevice: string,
  dataDevice: string,
): Promise<{ readonly pool: DeviceInfo; readonly base: DeviceInfo }> {
  // README: begin
  const pool = await dm.create('example-pool', {
    table: [thinPool({ length: 524_288, metadataDevice, dataDevice })],
  });
  await dm.message('example-pool', 'create_thin 0');
  const base = await dm.create('example-base', {
    table: [thin({ length: 262_144, pool: pool.path, id: 0 })],
  });
  // README: end
  return { pool, base };
}

async function removeIfThere(dm: DeviceMapper, name: string): Promise<void> {
  if (await dm.exists(name)) await dm.remove(name, { retryMs: 5000 });
}

async function story(dm: DeviceMapper, directory: string, undo: Undo): Promise<void> {
  for (const name of NAMES) {
    if (await dm.exists(name))
      throw new Error(
        `cannot run the example: the device "${name}" already exists; remove or rename it`,
      );
  }
  const metadata = await loopFile(directory, 'metadata', METADATA_SIZE, undo);
  const data = await loopFile(directory, 'data', DATA_SIZE, undo);
  for (const name of NAMES) undo.push(() => removeIfThere(dm, name));

  const { pool, base } = await poolWithBase(dm, metadata, data);
  done('pool', `${pool.path}: ${DATA_SIZE / MiB} MiB of data on ${data}, metadata on ${metadata}`);

  await run('mkfs.ext4', ['-q', base.path]);
  const here = await mounted(base.path, join(directory, 'base'), undo);
  await writeFile(join(here, 'changed.txt'), 'from before the snapshot');
  await writeFile(join(here, 'same.txt'), 'never touched');
  done('base', `${base.path}: ext4, with a file "from before the snapshot"`);

  await dm.suspend(base.name);
  try {
    await dm.message(pool.name, 'create_snap 1 0');
  } finally {
    await dm.resume(base.name);
  }
  const snapshot = await dm.create('example-snapshot', {
    table: [thin({ length: 262_144, pool: pool.path, id: 1 })],
  });
  const there = await mounted(snapshot.path, join(directory, 'snapshot'), undo);
  assert.equal(await text(there, 'changed.txt'), 'from before the snapshot');
  done('snapshot', `${snapshot.path}: taken while the base was mounted, has the same file`);

  await writeFile(join(here, 'changed.txt'), 'changed in the base');
  await writeFile(join(there, 'changed.txt'), 'changed in the snapshot');
  await reread(base.path, here);
  await reread(snapshot.path, there);
  assert.equal(await text(here, 'changed.txt'), 'changed in the base');
  assert.equal(await text(there, 'changed.txt'), 'changed in the snapshot');
  assert.equal(await text(here, 'same.txt'), await text(there, 'same.txt'));
  done('base', `reads "${await text(here, 'changed.txt')}"`);
  done('snapshot', `reads "${await text(there, 'changed.txt')}"`);
  done('isolated', 'each side has its own change, and the file that neither touched is shared');

  for (const line of formatTrees(await deviceTrees(dm))) done('', line);
  await showUse(dm, pool.name);
}

const text = (directory: string, file: string): Promise<string> =>
  readFile(join(directory, file), 'utf8');

/** Mount again, so that reads come from the device. */
async function reread(device: string, directory: string): Promise<void> {
  await unmount(directory);
  await mount({ source: device, target: directory, type: 'ext4' });
}

async function showUse(dm: DeviceMapper, pool: string): Promise<void> {
  const { targets } = await dm.status(pool);
  const status = thinPool.parseStatus(targets[0]?.params ?? '');
  assert(status.state === 'working');
  const { data, metadata } = status;
  const mib = (Number(data.used) * BLOCK_SIZE) / MiB;
  say('pool', `${data.used} of ${data.total} data blocks used (${mib} MiB for both devices)`);
  say('', `${metadata.used} of ${metadata.total} metadata blocks used, mode ${status.mode}`);
}

/** Run every step even if one fails. @throws AggregateError with the errors of the failed steps */
async function undoAll(undo: Undo): Promise<void> {
  const errors: unknown[] = [];
  for (const step of undo.toReversed()) await step().catch((error) => errors.push(error));
  if (errors.length > 0) throw new AggregateError(errors, 'cannot remove everything');
}

async function main(): Promise<void> {
  await using dm = await DeviceMapper.open();
  say('dmts', `on Linux ${release()}, device mapper ${(await dm.version()).join('.')}`);
  const directory = await mkdtemp(join(tmpdir(), 'dmts-example-'));
  const undo: Undo = [() => rm(directory, { recursive: true })];
  try {
    await story(dm, directory, undo);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    say('stopped', 'interrupted: removing everything');
    process.exitCode = 130;
  } finally {
    await undoAll(undo);
  }
  const devices = (await dm.list()).filter(({ name }) => NAMES.includes(name));
  assert.deepEqual([devices, await loopsOn(directory)], [[], []]);
  say('gone', 'no device, loop device, mount or file of this run is left');
}

await main();
