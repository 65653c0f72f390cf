// `dmts volume`: the JSON documents and the exit statuses of its commands.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { dmts } from '../../support/cli/dmts.ts';
import { fails, json, run, silently } from '../../support/kernel/commands.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB, openDm } from '../../support/kernel/scratch.ts';
import { volumesRoom } from '../../support/kernel/volumes.ts';

interface Listed {
  readonly pool: string;
  readonly active: boolean;
  readonly volumes: readonly {
    readonly name: string;
    readonly size: number;
    readonly used: number;
    readonly path: string | null;
  }[];
}

/** The words of a command for the volumes in `dir`. */
const volumeIn =
  (dir: string) =>
  (verb: string, ...args: readonly string[]): readonly string[] => [
    'volume',
    '--dir',
    dir,
    verb,
    ...args,
  ];

test.serial('the life of a volume', async (t) => {
  const { dir, name: pool } = volumesRoom(t, await openDm(t));
  const image = join(dir, '..', 'image');
  writeFileSync(image, Buffer.alloc(MiB, 'i'));
  const volume = volumeIn(dir);

  await fails(
    t,
    1,
    /it is not a directory of volumes\. "dmts volume init" creates one/,
    ...volume('ls'),
  );
  t.like(await json(t, ...volume('init', pool, '--size', '256m', '--metadata-size', '8m')), {
    pool,
    dir,
    volumes: 0,
  });
  t.deepEqual(await json(t, ...volume('import', 'base', image)), { name: 'base', image });
  await fails(
    t,
    4,
    /volume "base": a volume with this name already exists/,
    ...volume('import', 'base', image),
  );
  t.deepEqual(await json(t, ...volume('create', 'empty', '--size', '1m')), {
    name: 'empty',
    size: MiB,
  });
  t.deepEqual(await json(t, ...volume('clone', 'base', 'vm', '--size', '2m')), {
    origin: 'base',
    name: 'vm',
  });
  await fails(t, 2, /cannot shrink it/, ...volume('clone', 'vm', 'small', '--size', '1m'));
  t.deepEqual(await json(t, ...volume('grow', 'vm', '+1m')), { name: 'vm', size: 3 * MiB });
  t.deepEqual(await json(t, ...volume('rename', 'vm', 'web')), { name: 'web', before: 'vm' });
  const { stdout: path } = await run(...volume('activate', 'web'));
  await fails(t, 4, /it is active as/, ...volume('activate', 'web'));
  await fails(t, 4, /it is active as/, ...volume('delete', 'web', '--confirm', 'web'));
  await fails(t, 2, /to confirm, add --confirm web/, ...volume('delete', 'web'));
  await fails(t, 3, /volume "none": it does not exist/, ...volume('activate', 'none'));
  const { volumes, ...state } = await json<Listed>(t, ...volume('ls'));
  t.deepEqual(state, { pool, active: true });
  t.deepEqual(
    volumes.map(({ name, size, used, path: device }) => [name, size / MiB, used / MiB, device]),
    [
      ['base', 1, 1, null],
      ['empty', 1, 0, null],
      ['web', 3, 1, path.trim()],
    ],
  );
  t.like(await json(t, ...volume('delete', 'web', '--dry-run')), { dryRun: true, name: 'web' });
  t.deepEqual(await json(t, ...volume('deactivate', 'web')), { name: 'web' });
  t.deepEqual(await json(t, ...volume('rollback', 'web', 'empty', '--confirm', 'web')), {
    name: 'web',
    to: 'empty',
  });
  const out = join(dir, '..', 'out');
  t.deepEqual(await json(t, ...volume('export', 'base', out)), { name: 'base', image: out });
  t.true(readFileSync(out).equals(readFileSync(image)));
  await fails(t, 1, /the file already exists/, ...volume('export', 'base', out));
  await silently(t, ...volume('export', 'base', out, '--overwrite'));
  t.deepEqual(await json(t, ...volume('delete', 'web', '--confirm', 'web')), {
    dryRun: false,
    name: 'web',
  });
  t.deepEqual(await json(t, ...volume('shutdown')), { dir });
  t.like(await json(t, ...volume('ls')), { pool, active: false });
  t.is((await json<Listed>(t, ...volume('ls'))).volumes.length, 2);
});

test.serial('an image through a pipe', async (t) => {
  const { dir, name: pool } = volumesRoom(t, await openDm(t));
  const volume = volumeIn(dir);
  await silently(t, ...volume('init', pool, '--size', '256m', '--metadata-size', '8m'));
  await fails(t, 2, /missing --size SIZE/, ...volume('import', 'disk', '-'));
  const image = 'p'.repeat(MiB / 2);
  const imported = dmts(volume('import', 'disk', '-', '--size', '512k'), { input: image });
  t.deepEqual([imported.status, imported.stderr], [0, '']);
  const { status, stdout } = dmts(volume('export', 'disk', '-'));
  t.is(status, 0);
  t.is(stdout, image);
  await silently(t, ...volume('shutdown'));
});

test.serial('nothing is left', assertNothingLeft);
