// Snapshots and external origins; the test names are those of the dm-thin suites.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { linear } from '../../../src/dm/targets/index.ts';
import type { DeviceInfo } from '../../../src/index.ts';
import { full, readSectors, writeSectors } from '../../support/kernel/device-io.ts';
import {
  openDm,
  output,
  scratchDevice,
  scratchDirectory,
  scratchLoop,
} from '../../support/kernel/scratch.ts';
import {
  BLOCK,
  fill,
  letters,
  metadataTool,
  THIN,
  testPool,
  testThin,
  used,
  working,
} from '../../support/kernel/thin.ts';

const BLOCKS = THIN / BLOCK;
const BLOCK_BYTES = BLOCK * 512;

test('snapshot/space-use', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const origin = await testThin(pool, 0);
  fill(origin, 'o', 0, BLOCKS);
  t.is(await used(pool), BigInt(BLOCKS));
  await pool.createSnap(1, 0);
  t.is(await used(pool), BigInt(BLOCKS));
  const snap = await pool.activateThin(1, { length: THIN });
  fill(snap, 's', 0, BLOCKS);
  t.is(await used(pool), BigInt(2 * BLOCKS));
  t.is(letters(origin, 0, BLOCKS), 'o'.repeat(BLOCKS));
});

test('snapshot/many-snapshots-of-same-volume', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm, { metadataSize: 16n << 20n });
  const origin = await testThin(pool, 0);
  fill(origin, 'o', 0, 4);
  for (let id = 1; id < 1000; id++) await pool.createSnap(id, 0);
  fill(origin, 'x', 0, 2);
  for (const id of [1, 500, 999]) {
    t.is(letters(await pool.activateThin(id, { length: THIN }), 0, 4), 'oooo', `snapshot ${id}`);
  }
  t.is(letters(origin, 0, 4), 'xxoo');
});

/** Overwrite a device completely from another process. */
const wipe = (device: DeviceInfo, letter: string): ChildProcess =>
  spawn(
    'sh',
    [
      '-c',
      `tr '\\0' ${letter} </dev/zero | dd of=${device.path} bs=64k count=${BLOCKS} iflag=fullblock oflag=direct`,
    ],
    { stdio: 'ignore' },
  );

test('snapshot/parallel-io-to-shared-thins', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  fill(await testThin(pool, 0), 'o', 0, BLOCKS);
  const snaps: DeviceInfo[] = [];
  for (let id = 1; id <= 6; id++) {
    await pool.createSnap(id, 0);
    snaps.push(await pool.activateThin(id, { length: THIN }));
  }
  const writers = snaps.map((snap, i) => wipe(snap, 'abcdef'[i]!));
  const statuses = await Promise.all(writers.map((writer) => once(writer, 'close')));
  t.deepEqual(
    statuses.map(([status]) => status),
    [0, 0, 0, 0, 0, 0],
  );
  for (const [i, snap] of snaps.entries()) {
    t.is(letters(snap, 0, BLOCKS), 'abcdef'[i]!.repeat(BLOCKS));
  }
  t.is(await used(pool), BigInt(7 * BLOCKS));
});

test('snapshot/ref-count-tree', async (t) => {
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm);
  const origin = await testThin(pool, 0);
  fill(origin, 'o', 0, BLOCKS);
  for (let id = 1; id <= 5; id++) await pool.createSnap(id, 0);
  for (let id = 1; id <= 5; id++) {
    fill(await pool.activateThin(id, { length: THIN }), String(id), 0, BLOCKS);
  }
  t.is(await used(pool), BigInt(6 * BLOCKS));
  for (let id = 0; id <= 5; id++) await pool.deactivateThin(id);
  await pool.deactivate();
  t.notThrows(() => metadataTool('thin_check', metadata));
});

for (const side of ['snap', 'origin'] as const) {
  test(`snapshot/pattern-stomper-${side}`, async (t) => {
    const dm = await openDm(t);
    const { pool } = await testPool(t, dm);
    const origin = await testThin(pool, 0);
    const models = { origin: Array(BLOCKS).fill('.'), snap: [] as string[] };
    for (let block = 0; block < BLOCKS; block += 2) {
      fill(origin, 'o', block);
      models.origin[block] = 'o';
    }
    await pool.createSnap(1, 0);
    models.snap = [...models.origin];
    const snap = await pool.activateThin(1, { length: THIN });
    const stomped = side === 'snap' ? snap : origin;
    for (const [round, letter] of [...'abc'].entries()) {
      for (let block = round; block < BLOCKS; block += 5) {
        fill(stomped, letter, block);
        models[side][block] = letter;
      }
      t.is(letters(origin, 0, BLOCKS), models.origin.join(''), `origin, round ${round}`);
      t.is(letters(snap, 0, BLOCKS), models.snap.join(''), `snapshot, round ${round}`);
    }
  });
}

test('snapshot/of a mounted filesystem: the snapshot is clean, and both remain usable', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const origin = await testThin(pool, 0, 256 * BLOCK);
  output('mkfs.ext4', '-q', origin.path);
  const directory = scratchDirectory(t);
  output('mount', origin.path, directory);
  t.teardown(() => output('umount', directory));
  output('sh', '-c', `echo before >${directory}/file`);
  await pool.createSnap(1, 0);
  t.false((await dm.info({ dev: origin.dev })).suspended);
  output('sh', '-c', `echo after >${directory}/file`);
  const snap = await pool.activateThin(1, { length: 256 * BLOCK });
  t.notRegex(output('dumpe2fs', '-h', snap.path), /needs_recovery/, 'frozen: nothing to replay');
  t.is(output('debugfs', '-R', 'cat /file', snap.path), 'before\n');
  t.is(output('cat', `${directory}/file`), 'after\n');
});

/** Sectors of the external origin, and the size of the thin device relative to it. */
const externalRows = [
  ['snap-equal-size', BLOCKS * BLOCK, 0],
  ['snap-smaller-than-origin', BLOCKS * BLOCK, -8 * BLOCK],
  ['snap-bigger-than-origin', BLOCKS * BLOCK, 8 * BLOCK],
  ['snap-fractional-tail-block', BLOCKS * BLOCK + 16, 0],
] as const;

for (const [name, length, more] of externalRows) {
  test(`external-origin/${name}`, async (t) => {
    const dm = await openDm(t);
    const { pool } = await testPool(t, dm);
    const disk = await scratchLoop(t, length * 512);
    writeSectors(disk, 0, full('o', length));
    const table = [linear({ length, device: disk })];
    const origin = await scratchDevice(t, dm, { table, readOnly: true });
    await pool.createThin(0);
    const size = length + more;
    const thin = await pool.activateThin(0, { length: size, externalOrigin: origin.path });

    const whole = Math.floor(Math.min(size, length) / BLOCK);
    t.is(
      letters(thin, 0, whole),
      'o'.repeat(whole),
      'unwritten blocks have the content of the origin',
    );
    if (more > 0) t.is(letters(thin, whole, more / BLOCK), '.'.repeat(more / BLOCK));
    fill(thin, 't', 1, 2);
    t.is(letters(thin, 0, 4), 'otto');
    if (length % BLOCK !== 0) {
      // A write to the last, partial block keeps the origin's data around it.
      writeSectors(thin.path, whole * BLOCK, full('t', 8));
      const tail = readSectors(thin.path, whole * BLOCK, length % BLOCK);
      t.deepEqual(tail, Buffer.concat([full('t', 8), full('o', (length % BLOCK) - 8)]));
    }
    const unchanged = readSectors(origin.path, 0, Math.floor(length / 8) * 8);
    t.true(unchanged.equals(full('o', Math.floor(length / 8) * 8)), 'the origin is unchanged');
    await pool.deactivateThin(0);
  });
}

test('snapshot/a write to part of a shared block copies the block', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  const origin = await testThin(pool, 0);
  fill(origin, 'o');
  await pool.createSnap(1, 0);
  const snap = await pool.activateThin(1, { length: THIN });
  writeSectors(snap.path, 8, full('s', 8));
  t.deepEqual(
    readSectors(snap.path, 0, 24),
    Buffer.concat([full('o', 8), full('s', 8), full('o', 8)]),
  );
  t.is(letters(origin), 'o');
  t.is((await working(pool)).data.used * BigInt(BLOCK_BYTES), BigInt(2 * BLOCK_BYTES));
});

test('a pool in use lists its thin devices, and the differences between two of them', async (t) => {
  const dm = await openDm(t);
  const { pool } = await testPool(t, dm);
  fill(await testThin(pool, 0), 'o', 0, 4);
  await pool.createSnap(1, 0);
  fill(await pool.activateThin(1, { length: THIN }), 's', 1, 2);
  const thins = [];
  for await (const one of pool.thins()) thins.push(one);
  t.like(thins, [
    { id: 0, mappedBlocks: 4n, exclusiveBlocks: 2n, sharedBlocks: 2n, highestBlock: 3n },
    { id: 1, mappedBlocks: 4n, exclusiveBlocks: 2n, sharedBlocks: 2n, highestBlock: 3n },
  ]);
  const delta = [];
  for await (const { kind, ...range } of pool.compare(0, 1)) {
    if (kind !== 'superblock') delta.push({ kind, ...range });
  }
  t.deepEqual(delta, [{ kind: 'different', begin: 1n, length: 2n }]);
  for (const [left, right] of [
    [0, 9],
    [9, 0],
  ] as const) {
    await t.throwsAsync(pool.compare(left, right).next(), {
      code: 'ERR_THIN_MISSING',
      message: /, thin id 9: the pool has no thin device 9/,
    });
  }
  for await (const _ of pool.thins()) break;
  t.is(
    (await working(pool)).heldRoot,
    undefined,
    'no metadata snapshot is held, even after an early return of the reader',
  );
});
