// Volumes: create, clone, grow, rename, roll back and delete, and what a directory keeps.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { Volumes } from '../../../src/volumes/index.ts';
import { full, readFirstSector, writeSectors } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB, openDm, output, scratchDevice, scratchLoop } from '../../support/kernel/scratch.ts';
import { used } from '../../support/kernel/thin.ts';
import { openVolumes, SMALL_POOL, volumesRoom } from '../../support/kernel/volumes.ts';

const SIZE = { size: 16 * MiB };

/** Writes a letter to the start of a volume, which is active meanwhile. */
async function mark(volumes: Volumes, name: string, letter: string): Promise<void> {
  const { path } = await volumes.activate(name);
  writeSectors(path, 0, full(letter, 8));
  await volumes.deactivate(name);
}

/** The letter at the start of a volume. */
async function letterOf(volumes: Volumes, name: string): Promise<string> {
  const { path } = await volumes.activate(name, { readOnly: true });
  const letter = String.fromCharCode(readFirstSector(path)[0]!);
  await volumes.deactivate(name);
  return letter;
}

/** Every thin device of the pool has a record, and nothing is spare. */
async function thinsOf(volumes: Volumes): Promise<readonly [pool: number[], records: number[]]> {
  const ids = [...(await volumes.pool.thinDetails()).keys()];
  const records = (await volumes.list()).map(({ id }) => id);
  return [ids.toSorted(), records.toSorted()];
}

test.serial(
  'a directory keeps its volumes while the pool is active, and after a shutdown',
  async (t) => {
    const dm = await openDm(t);
    const room = volumesRoom(t, dm);
    const first = await room.open();
    t.deepEqual(first.notices, []);
    t.deepEqual(await first.list(), []);
    await first.create('disk', SIZE);
    await mark(first, 'disk', 'd');
    const [before] = await first.list();
    t.like(before, { name: 'disk', size: BigInt(16 * MiB), used: 65_536n, path: undefined });
    await first.close();

    const second = await room.open();
    t.deepEqual(await second.list(), [before!]);
    await second.shutdown();
    t.false(await dm.exists(room.name));

    const third = await Volumes.ensure(dm, room.name, { dir: room.dir });
    t.deepEqual(await third.list(), [before!]);
    t.is(await letterOf(third, 'disk'), 'd');
    t.deepEqual(third.notices, []);
    await third.shutdown();
    t.deepEqual(readdirSync(join(room.dir, 'spares')), []);
  },
);

test.serial(
  'the error of a second open names the process that has the directory open',
  async (t) => {
    const { room } = await openVolumes(t, await openDm(t));
    await t.throwsAsync(room.open(), {
      code: 'ERR_STORAGE_LOCKED',
      message: new RegExp(`process ${process.pid} has it open`),
    });
  },
);

test.serial('a clone shares its blocks, and may be larger than its origin', async (t) => {
  const dm = await openDm(t);
  const { volumes } = await openVolumes(t, dm);
  await volumes.create('template', SIZE);
  await mark(volumes, 'template', 't');
  const before = await used(volumes.pool);
  await volumes.clone('template', 'large', { size: 32 * MiB });
  await volumes.clone('template', 'vm');
  t.is(await used(volumes.pool), before);
  await mark(volumes, 'vm', 'v');
  t.is(await letterOf(volumes, 'template'), 't');
  t.is(await letterOf(volumes, 'vm'), 'v');
  t.is(await letterOf(volumes, 'large'), 't');
  t.deepEqual(
    (await volumes.list()).map(({ name, size }) => [name, Number(size) / MiB]),
    [
      ['large', 32],
      ['template', 16],
      ['vm', 16],
    ],
  );
  await t.throwsAsync(volumes.clone('template', 'small', { size: MiB }), {
    code: 'ERR_VOLUME_SIZE',
    message: `volume "template": cannot shrink it from ${16 * MiB} to ${MiB} bytes`,
  });
});

test.serial('forks of a running volume, three deep', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  await volumes.create('vm', SIZE);
  const { path } = await volumes.activate('vm');
  for (const [index, name] of ['first', 'second', 'third'].entries()) {
    writeSectors(path, 0, full(String(index), 8));
    await volumes.clone('vm', name);
  }
  await volumes.clone('first', 'deeper');
  await volumes.clone('deeper', 'deepest');
  writeSectors(path, 0, full('x', 8));
  for (const [name, letter] of [
    ['first', '0'],
    ['second', '1'],
    ['third', '2'],
    ['deepest', '0'],
  ] as const) {
    t.is(await letterOf(volumes, name), letter, name);
  }
  await volumes.deactivate('vm');
});

test.serial('a hundred clones at once have a thin device each', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  await volumes.create('template', SIZE);
  const names = Array.from({ length: 100 }, (_, index) => `vm${index}`);
  await Promise.all(names.map((name) => volumes.clone('template', name)));
  const ids = (await volumes.list()).map(({ id }) => id);
  t.is(new Set(ids).size, 101);
  const [pool, records] = await thinsOf(volumes);
  t.deepEqual(pool, records);
  await Promise.all(names.map((name) => volumes.delete(name)));
  t.deepEqual(
    (await volumes.list()).map(({ name }) => name),
    ['template'],
  );
});

test.serial('a roll back takes the content and the size of another volume', async (t) => {
  const { volumes, room } = await openVolumes(t, await openDm(t));
  await volumes.create('vm', SIZE);
  await mark(volumes, 'vm', 'a');
  await volumes.clone('vm', 'yesterday');
  await volumes.grow('vm', 32 * MiB);
  const { path } = await volumes.activate('vm');
  writeSectors(path, 0, full('b', 8));
  await t.throwsAsync(volumes.rollback('vm', 'yesterday'), {
    code: 'ERR_VOLUME_ACTIVE',
    message: `volume "vm": it is active as ${room.name}-vm (${path}). Deactivate it first, or use that device`,
  });
  await volumes.deactivate('vm');
  await volumes.rollback('vm', 'yesterday');
  t.is(await letterOf(volumes, 'vm'), 'a');
  t.is((await volumes.list())[0]!.size, BigInt(16 * MiB));
  const [pool, records] = await thinsOf(volumes);
  t.deepEqual(pool, records);
  t.deepEqual(readdirSync(join(room.dir, 'spares')), []);
});

test.serial('a running volume can be grown and renamed', async (t) => {
  const dm = await openDm(t);
  const { volumes, room } = await openVolumes(t, dm);
  await volumes.create('vm', SIZE);
  await volumes.create('other', SIZE);
  const { dev } = await volumes.activate('vm');
  await volumes.grow('vm', 32 * MiB);
  t.is((await dm.table({ dev })).targets[0]!.length, BigInt((32 * MiB) / 512));
  await t.throwsAsync(volumes.rename('vm', 'other'), { code: 'ERR_VOLUME_EXISTS' });
  await volumes.rename('vm', 'web');
  t.is((await dm.info({ dev })).name, `${room.name}-web`);
  await t.throwsAsync(volumes.grow('web', MiB), { code: 'ERR_VOLUME_SIZE' });
  await t.throwsAsync(volumes.activate('vm'), {
    code: 'ERR_VOLUME_MISSING',
    message: `volume "vm": it does not exist in ${room.dir}`,
  });
  await volumes.deactivate('web');
});

test.serial(
  'a deletion gives the space back to the file, and refuses an active volume',
  async (t) => {
    const { volumes, room } = await openVolumes(t, await openDm(t));
    const file = join(room.dir, 'data');
    await volumes.create('vm', SIZE);
    const { path } = await volumes.activate('vm');
    writeSectors(path, 0, full('x', (8 * MiB) / 512));
    const before = statSync(file).blocks;
    await t.throwsAsync(volumes.delete('vm'), { code: 'ERR_VOLUME_ACTIVE' });
    await t.throwsAsync(volumes.activate('vm'), { code: 'ERR_VOLUME_ACTIVE' });
    await volumes.deactivate('vm');
    await volumes.delete('vm');
    t.true(statSync(file).blocks <= before - (8 * MiB) / 512, 'the blocks of the file are free');
    t.deepEqual(await thinsOf(volumes), [[], []]);
    await t.throwsAsync(volumes.delete('vm'), { code: 'ERR_VOLUME_MISSING' });
  },
);

test.serial('a larger size grows the pool, and a smaller one does not shrink it', async (t) => {
  const room = volumesRoom(t, await openDm(t));
  await (await room.open()).close();
  const grown = await room.open({ size: 512 * MiB });
  const dataBlocks = async (volumes: Volumes): Promise<bigint> => {
    const status = await volumes.pool.status();
    return status.state === 'working' ? status.data.total : 0n;
  };
  t.is(await dataBlocks(grown), 8192n);
  await grown.close();
  const same = await room.open();
  t.is(await dataBlocks(same), 8192n);
  await same.close();
});

test.serial('a pool on block devices', async (t) => {
  const dm = await openDm(t);
  const [data, metadata] = [await scratchLoop(t, 64 * MiB), await scratchLoop(t, 8 * MiB)];
  const room = volumesRoom(t, dm);
  const first = await Volumes.ensure(dm, room.name, { dir: room.dir, data, metadata });
  await first.create('disk', SIZE);
  await mark(first, 'disk', 'd');
  await first.shutdown();
  const second = await Volumes.ensure(dm, room.name, { dir: room.dir });
  t.is(await letterOf(second, 'disk'), 'd');
  await second.delete('disk');
  await second.shutdown();
});

test.serial(
  'ensure rejects a device that is not the pool of the directory, and leaves it unchanged',
  async (t) => {
    const dm = await openDm(t);
    const room = volumesRoom(t, dm);
    await t.throwsAsync(Volumes.ensure(dm, room.name, { dir: room.dir }), {
      code: 'ERR_DMTS_INPUT',
      message: `size: expected the size of a new pool: ${room.dir} has none, got undefined`,
    });
    await scratchDevice(t, dm, {}, room.name);
    await t.throwsAsync(room.open(), {
      code: 'ERR_VOLUME_POOL',
      message: `thin pool '${room.name}': a device with this name exists, and is not the pool of this directory. Choose another name. "dmts table ${room.name}" shows that device`,
    });
    t.true(await dm.exists(room.name));
    await dm.remove(room.name);
    const volumes = await room.open();
    await volumes.close();
    await t.throwsAsync(Volumes.ensure(dm, `${room.name}-x`, { dir: room.dir, ...SMALL_POOL }), {
      code: 'ERR_VOLUME_POOL',
      message: `${room.dir}: its pool is named '${room.name}', not '${room.name}-x'. Nothing was changed`,
    });
    await dm.rename(room.name, `${room.name}-y`);
    await t.throwsAsync(room.open(), {
      code: 'ERR_VOLUME_POOL',
      message: `thin pool '${room.name}': the pool of this directory is active as '${room.name}-y'. Use that name, or "dmts rename ${room.name}-y ${room.name}"`,
    });
    await dm.rename(`${room.name}-y`, room.name);
    await (await room.open()).shutdown();
  },
);

test.serial('a directory with files of a pool and without a record of it is refused', async (t) => {
  const dm = await openDm(t);
  const room = volumesRoom(t, dm);
  const volumes = await room.open();
  await volumes.create('disk', SIZE);
  await volumes.shutdown();
  const record = readFileSync(join(room.dir, 'pool.json'));
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"version":2}',
    '{"version":1,"uuid":"u","data":3}',
  ]) {
    writeFileSync(join(room.dir, 'pool.json'), text);
    await t.throwsAsync(room.open(), { code: 'ERR_STORAGE_RECORD' }, text);
  }
  writeFileSync(join(room.dir, 'pool.json'), record);
  const again = await room.open();
  t.is((await again.list()).length, 1);
  await again.shutdown();
});

test.serial('a damaged record is named, and nothing is deleted', async (t) => {
  const dm = await openDm(t);
  const room = volumesRoom(t, dm);
  const volumes = await room.open();
  await volumes.create('disk', SIZE);
  await volumes.create('other', SIZE);
  await volumes.shutdown();
  const path = join(room.dir, 'volumes', 'disk');
  const [good, other] = [readFileSync(path), readFileSync(join(room.dir, 'volumes', 'other'))];
  const texts = [
    '',
    '{',
    '[]',
    '{"id":-1}',
    '{"id":1,"size":5}',
    '{"id":1,"size":512,"created":"x"}',
  ];
  for (const text of [...texts, other.toString()]) {
    writeFileSync(path, text);
    const error = await t.throwsAsync(room.open(), { code: 'ERR_STORAGE_RECORD' }, text);
    t.true(error?.message.startsWith(join(room.dir, 'volumes')), error?.message);
  }
  writeFileSync(path, good);
  const again = await room.open();
  const [pool, records] = await thinsOf(again);
  t.deepEqual(pool, records);
  await again.shutdown();
});

test.serial(
  'a snapshot of a volume that is deleted meanwhile has the whole content, or fails',
  async (t) => {
    const { volumes, room } = await openVolumes(t, await openDm(t));
    await volumes.create('x', SIZE);
    await volumes.create('template', SIZE);
    const { path } = await volumes.activate('template');
    writeSectors(path, 0, full('t', (8 * MiB) / 512));
    await volumes.deactivate('template');
    const target = join(room.dir, '..', 'out');
    for (const [name, snapshot] of [
      ['copy', () => volumes.clone('origin', 'copy')],
      ['x', () => volumes.rollback('x', 'origin')],
      [undefined, () => volumes.export('origin', target, { overwrite: true })],
    ] as const) {
      for (let round = 0; round < 4; round++) {
        await volumes.clone('template', 'origin');
        const deletion = volumes.delete('origin');
        while (existsSync(join(room.dir, 'volumes', 'origin'))) await nextTurn();
        const failed = await snapshot().then(
          () => undefined,
          (error: { code?: string }) => error.code,
        );
        await deletion;
        if (failed !== undefined) t.is(failed, 'ERR_VOLUME_MISSING');
        else if (name === undefined) t.is(readFileSync(target)[0], 't'.charCodeAt(0));
        else t.is(await letterOf(volumes, name), 't');
        if (name === 'copy' && failed === undefined) await volumes.delete('copy');
      }
    }
    t.deepEqual(...(await thinsOf(volumes)));
  },
);

test.serial('a copy of the directory does not open the pool of the original', async (t) => {
  const dm = await openDm(t);
  const { volumes, room } = await openVolumes(t, dm);
  await volumes.create('disk', SIZE);
  const copy = join(room.dir, '..', 'copy');
  output('cp', '--archive', '--sparse=always', room.dir, copy);
  await t.throwsAsync(Volumes.open(dm, copy), {
    code: 'ERR_VOLUME_POOL',
    message: `thin pool '${room.name}': it is active on another device than ${copy}/data. The directory is a copy: deactivate the pool of the original first, and use only one of them at a time`,
  });
  t.is((await volumes.list()).length, 1);
});

test.serial('a volume of 16 TiB without data is deleted at once', async (t) => {
  const { volumes } = await openVolumes(t, await openDm(t));
  await volumes.create('huge', { size: 16n << 40n });
  await volumes.delete('huge');
  t.deepEqual(await volumes.list(), []);
});

test.serial(
  'wrong devices of a new pool are refused, and the right ones are accepted then',
  async (t) => {
    const dm = await openDm(t);
    const room = volumesRoom(t, dm);
    const ensure = (data: string, metadata: string) =>
      Volumes.ensure(dm, room.name, { dir: room.dir, data, metadata });
    await t.throwsAsync(ensure('/dev/nowhere', '/dev/nowhere2'), { code: 'ENOENT' });
    t.false(existsSync('/dev/nowhere2'));
    await t.throwsAsync(ensure('/etc/passwd', '/dev/null'), {
      code: 'ERR_DMTS_INPUT',
      message: 'data: expected a block device, got "/etc/passwd"',
    });
    await t.throwsAsync(Volumes.ensure(dm, 'a/b', { dir: room.dir, size: MiB }), {
      code: 'ERR_DMTS_INPUT',
    });
    const [data, metadata] = [await scratchLoop(t, 64 * MiB), await scratchLoop(t, 8 * MiB)];
    const volumes = await ensure(data, metadata);
    await volumes.close();
    await t.throwsAsync(ensure(metadata, data), {
      code: 'ERR_VOLUME_POOL',
      message: `${room.dir}: the data of its pool is on ${data}, not on ${metadata}. Nothing was changed`,
    });
    await (await Volumes.open(dm, room.dir)).shutdown();
  },
);

test.serial(
  'a device name that another device has, and a lost thin device, do not prevent the open',
  async (t) => {
    const dm = await openDm(t);
    const room = volumesRoom(t, dm);
    const first = await room.open();
    await first.create('disk', SIZE);
    await first.create('lost', SIZE);
    const { dev } = await first.activate('disk');
    const [, lost] = await first.list();
    await first.pool.deleteThin(lost!.id);
    await first.close();
    await dm.rename({ dev }, `${room.name}-moved`);
    await scratchDevice(t, dm, {}, `${room.name}-disk`);
    const second = await room.open();
    const [name, data] = second.notices;
    t.regex(name!, /^the device of volume "disk" is not repaired: EBUSY/);
    t.is(data, `volume "lost" has lost its data: the pool has no thin device ${lost!.id}`);
    await second.deactivate('disk');
    await second.delete('lost');
    await second.shutdown();
  },
);

test.serial('nothing is left', assertNothingLeft);
