// `dmts pool` and `dmts thin` from end to end, on files, with nothing left afterwards. Most commands run in this
// process, where they take a tenth of the time.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { mount, unmount } from '../../../src/ioctl/index.ts';
import { loopsOf } from '../../../src/ioctl/loop/loop-files.ts';
import { dmts, startDmts } from '../../support/cli/dmts.ts';
import { fails, json, run, SILENT, silently } from '../../support/kernel/commands.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { MiB, openDm, scratchDirectory, uniqueName } from '../../support/kernel/scratch.ts';
import { removePool } from '../../support/kernel/thin.ts';

interface Usage {
  readonly used: number;
  readonly total: number;
}
interface Pool {
  readonly state: string;
  readonly transactionId: number;
  readonly blockSize: number;
  readonly data: Usage;
  readonly metadata: Usage;
  readonly features: readonly string[];
  readonly thins: readonly { readonly id: number; readonly name: string }[];
}
interface Thin {
  readonly id: number;
  readonly name: string;
  readonly length: number;
  readonly mapped: number;
}

/** Write `count` blocks of 64 KiB full of a letter. */
function write(device: string, letter: string, count: number): void {
  const args = [`of=${device}`, 'bs=64k', `count=${count}`, 'iflag=fullblock', 'oflag=direct'];
  execFileSync('dd', args, { input: Buffer.alloc(count * 65_536, letter), stdio: 'pipe' });
}

const firstLetter = (device: string): string =>
  execFileSync('dd', [`if=${device}`, 'bs=4k', 'count=1', 'iflag=direct'], { stdio: 'pipe' })
    .subarray(0, 1)
    .toString();

/** Words that name a pool's files, in a directory of the test's own. */
async function place(t: ExecutionContext) {
  const directory = scratchDirectory(t);
  const [metadata, data] = [join(directory, 'meta.img'), join(directory, 'data.img')];
  const pool = uniqueName('pool');
  const dm = await openDm(t);
  t.teardown(() => removePool(dm, pool));
  const files = ['--metadata', metadata, '--data', data];
  const sizes = ['--metadata-size', '4m', '--data-size', '64m'];
  return { directory, metadata, data, pool, files, sizes };
}

test('thin devices that are not active, and those that are not there', async (t) => {
  const { directory, metadata, pool, files, sizes } = await place(t);
  await silently(t, 'pool', 'create', pool, ...files, ...sizes);
  t.is((await run('thin', 'ls', pool)).stdout, 'No thin devices found\n');
  for (const id of ['0', '9', '16777215']) await silently(t, 'thin', 'create', pool, id);
  await silently(t, 'thin', 'activate', pool, '9', '--size', '1m');
  write(`/dev/mapper/${pool}-9`, 'a', 3);
  await silently(t, 'thin', 'snap', pool, '10', '9');
  t.like(await json<Thin[]>(t, 'thin', 'ls', pool), [
    { id: 0, active: false, name: null, length: null, mapped: 0 },
    { id: 9, active: true, name: `${pool}-9`, length: 2048, mappedBytes: 196_608 },
    { id: 10, active: false, name: null, sizeBytes: null, mappedBytes: 196_608 },
    { id: 16_777_215, active: false, mapped: 0 },
  ]);
  const lines = (await run('thin', 'ls', pool, '--noheadings')).stdout;
  t.is(lines, `0:-:-:0b\n9:${pool}-9:1.00m:192.00k\n10:-:-:192.00k\n16777215:-:-:0b\n`);
  const before = readFileSync(metadata);
  await run('thin', 'ls', pool);
  t.deepEqual(readFileSync(metadata), before, 'a look writes nothing');

  await fails(t, 3, /pool has no thin device with this id/, 'thin', 'delete', pool, '8', '-n');
  const again = await run('pool', 'create', pool, ...files, '-n');
  const attached = String.raw`it is attached to /dev/loop\d+: the pool would not be created\n`;
  const refusals = `^device ${pool} exists: .*\nmetadata .*${attached}data .*${attached}$`;
  t.regex(again.stdout, new RegExp(refusals));
  await fails(
    t,
    3,
    /^dmts: no thin device 8 in \S+; "dmts thin ls" lists/,
    'pool',
    'diff',
    pool,
    '9',
    '8',
  );
  t.is((await run('pool', 'diff', pool, '9', '0')).stdout, 'left_only\t0\t3\n');
  await fails(
    t,
    3,
    /pool has no thin device with this id/,
    'thin',
    'activate',
    pool,
    '8',
    '--size',
    '1m',
  );
  await fails(
    t,
    1,
    /^dmts: ENOENT: .*no-such/,
    'pool',
    'check',
    '--metadata',
    join(directory, 'no-such'),
  );
  const check = ['pool', 'check', '--metadata'];
  await fails(t, 2, /expected a block device or a file, got/, ...check, directory);
  const [loop] = await loopsOf(metadata);
  await fails(t, 4, /the device is in use/, ...check, loop!);
  const inUse = /its loop device \/dev\/loop\d+ is in use/;
  await fails(t, 4, inUse, ...check, metadata);
  await fails(t, 4, inUse, 'pool', 'diff', '--metadata', metadata, '8', '9');
  const dm = await openDm(t);
  const broken = uniqueName();
  const { path } = await dm.create(broken, { table: [{ length: 8192, type: 'error' }] });
  await fails(t, 1, /^dmts: EIO: /, ...check, path);
  await dm.remove(broken, { retryMs: 10_000 });
  await silently(t, 'thin', 'deactivate', pool, '9');
  await silently(t, 'pool', 'deactivate', pool, '--confirm', pool, '--timeout', '5');
  await fails(t, 3, /no thin device 8 in/, 'pool', 'diff', '--metadata', metadata, '8', '9');
});

test('the life of a pool', async (t) => {
  const { metadata, data, pool, files, sizes } = await place(t);
  const dry = await run('pool', 'create', pool, ...files, ...sizes, '--dry-run');
  t.is(
    dry.stdout,
    `metadata ${metadata} would be created, 4.00m\ndata ${data} would be created, 64.00m\n`,
  );
  t.throws(() => statSync(metadata), { code: 'ENOENT' });

  await silently(t, 'pool', 'create', pool, ...files, ...sizes, '--block-size', '128k');
  t.like(await json<Pool>(t, 'pool', 'status', pool), {
    state: 'ok',
    transactionId: 0,
    blockSize: 256,
    data: { used: 0, total: 512 },
  });
  await fails(t, 4, /EBUSY|already/, 'pool', 'create', pool, ...files);

  await silently(t, 'thin', 'create', pool, '1', '--activate', '--size', '16m');
  await fails(t, 4, /a thin device with this id already exists/, 'thin', 'create', pool, '1');
  write(`/dev/mapper/${pool}-1`, 'a', 16);
  await silently(t, 'thin', 'snap', pool, '2', '1');
  write(`/dev/mapper/${pool}-1`, 'b', 1);
  await silently(
    t,
    'thin',
    'activate',
    pool,
    '2',
    '--size',
    '16m',
    '--readonly',
    '--name',
    `${pool}-snap`,
  );
  t.deepEqual(
    [firstLetter(`/dev/mapper/${pool}-1`), firstLetter(`/dev/mapper/${pool}-snap`)],
    ['b', 'a'],
  );
  await fails(t, 4, /it is active as/, 'thin', 'activate', pool, '2', '--size', '16m');
  await fails(t, 4, /it is active/, 'thin', 'delete', pool, '2', '--confirm', `${pool}-2`);

  t.like(await json<Thin[]>(t, 'thin', 'ls', pool), [
    { id: 1, name: `${pool}-1`, length: 32_768, mapped: 2048 },
    { id: 2, name: `${pool}-snap`, length: 32_768, mapped: 2048 },
  ]);
  t.log((await run('thin', 'ls', pool)).stdout);
  t.log((await run('pool', 'status', pool)).stdout);
  t.log((await run('pool', 'ls')).stdout);
  t.regex(
    (await run('pool', 'ls', '--noheadings', '--separator', '/')).stdout,
    new RegExp(`^${pool}/ok/`, 'm'),
  );

  await silently(t, 'thin', 'grow', pool, '1', '+16m');
  t.is((await json<Thin[]>(t, 'thin', 'ls', pool))[0]?.length, 65_536);
  await silently(t, 'pool', 'grow', pool, '--data', '+64m', '--metadata', '8m');
  t.like(await json<Pool>(t, 'pool', 'status', pool), {
    data: { total: 1024 },
    metadata: { total: 2048 },
  });
  await fails(t, 1, /cannot shrink/, 'pool', 'grow', pool, '--data', '1m');

  await fails(t, 4, /in use/, 'pool', 'deactivate', pool, '--confirm', pool);
  await silently(t, 'thin', 'deactivate', pool, '1');
  await silently(t, 'thin', 'deactivate', pool, '2', '--timeout', '5');
  await silently(t, 'pool', 'deactivate', pool, '--confirm', pool, '--timeout', '5');
  await fails(t, 3, /no such device/, 'pool', 'status', pool);
  await fails(t, 1, /is not blank: it holds thin-pool metadata/, 'pool', 'create', pool, ...files);

  await fails(
    t,
    1,
    /unexpected transaction id .*: expected 7, got 0/,
    'pool',
    'activate',
    pool,
    ...files,
    '--transaction-id',
    '7',
  );
  await silently(t, 'pool', 'activate', pool, ...files, '--transaction-id', '0');
  await silently(t, 'thin', 'activate', pool, '1', '--size', '32m');
  t.is(firstLetter(`/dev/mapper/${pool}-1`), 'b');
  await silently(t, 'thin', 'deactivate', pool, '1', '--timeout', '5');

  await silently(t, 'thin', 'delete', pool, '1', '--confirm', `${pool}-1`);
  const before = statSync(data).blocks;
  const deletion = ['thin', 'delete', pool, '2', '--confirm', `${pool}-2`];
  await silently(t, ...deletion, '--discard', '--size', '16m');
  t.true(statSync(data).blocks < before, 'the file takes less space');
  await fails(t, 3, /the pool has no thin device with this id/, ...deletion);
  t.is((await json<Pool>(t, 'pool', 'status', pool)).data.used, 0);
  await silently(t, 'pool', 'deactivate', pool, '--confirm', pool, '--timeout', '5');

  await silently(t, 'pool', 'activate', pool, ...files, '--readonly');
  t.like(await json<Pool>(t, 'pool', 'status', pool), {
    state: 'read-only',
    features: ['read_only'],
  });
  await silently(t, 'pool', 'deactivate', pool, '--confirm', pool, '--timeout', '5');
  t.is((await run('pool', 'ls')).stdout, 'No pools found\n');
});

test('a thin device that cannot be activated is not made', async (t) => {
  const { pool, files, sizes } = await place(t);
  await silently(t, 'pool', 'create', pool, ...files, ...sizes);
  await fails(
    t,
    4,
    /EBUSY/,
    'thin',
    'create',
    pool,
    '1',
    '--activate',
    '--size',
    '1m',
    '--name',
    pool,
  );
  await silently(t, 'thin', 'create', pool, '1');
});

test('what is overwritten must be confirmed', async (t) => {
  const { pool, metadata, data, files, sizes } = await place(t);
  await silently(t, 'pool', 'create', pool, ...files, ...sizes);
  await silently(t, 'pool', 'deactivate', pool, '--confirm', pool, '--timeout', '5');
  const before = readFileSync(metadata);
  const dry = dmts(['pool', 'create', pool, ...files, '--overwrite', '--dry-run']);
  t.is(
    dry.stdout,
    `metadata ${metadata} holds thin-pool metadata: it would be overwritten\ndata ${data} is blank\n`,
  );
  await fails(
    t,
    2,
    new RegExp(`add --confirm ${pool}\\n`),
    'pool',
    'create',
    pool,
    ...files,
    '--overwrite',
  );
  t.true(readFileSync(metadata).equals(before));
  const overwrite = ['pool', 'create', pool, ...files, '--overwrite', '--confirm', pool];
  t.deepEqual(dmts(overwrite), SILENT);
});

test('a pool is extended while it is watched, until it is gone', async (t) => {
  const { pool, files } = await place(t);
  await silently(t, 'pool', 'create', pool, ...files, '--metadata-size', '4m', '--data-size', '8m');
  await silently(t, 'thin', 'create', pool, '1', '--activate', '--size', '64m');
  const watching = startDmts([
    'pool',
    'watch',
    pool,
    '--json',
    '--extend-data',
    '8m:24m',
    '--threshold',
    '50',
  ]);
  let said = '';
  const extended = new Promise<void>((resolve) => {
    watching.child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('"extended"')) resolve();
    });
  });
  await new Promise((resolve) => watching.child.stdout?.once('data', resolve));
  write(`/dev/mapper/${pool}-1`, 'x', 100);
  await extended;
  await silently(t, 'thin', 'deactivate', pool, '1', '--timeout', '5');
  await silently(t, 'pool', 'deactivate', pool, '--confirm', pool, '--timeout', '5');
  const { status, stdout, stderr } = await watching.ended;
  t.is(status, 0, stderr);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string });
  t.is(events[0]?.type, 'health');
  t.like(
    events.find(({ type }) => type === 'extended'),
    { what: 'data', size: 16 * MiB },
  );
  t.is(events.at(-1)?.type, 'gone');
  t.log(stdout);
});

test('filesystems on a pool are trimmed by the name of the pool', async (t) => {
  const { directory, pool, files, sizes } = await place(t);
  await silently(t, 'pool', 'create', pool, ...files, ...sizes);
  await silently(t, 'thin', 'create', pool, '1', '--activate', '--size', '32m');
  const device = `/dev/mapper/${pool}-1`;
  t.is(spawnSync('mkfs.ext4', ['-q', '-E', 'nodiscard', device]).status, 0);
  const target = join(directory, 'mounted');
  mkdirSync(target);
  await mount({ source: device, target, type: 'ext4' });
  try {
    const { status, stdout } = await run('pool', 'trim', '--pool', pool);
    t.is(status, 0);
    t.regex(stdout, new RegExp(`^${target}: \\d+\\.\\d\\dm trimmed\\n$`));
    await fails(t, 4, /mounted on/, 'thin', 'deactivate', pool, '1');
    t.like(await json<readonly object[]>(t, 'pool', 'trim', target), [{ mountPoint: target }]);
  } finally {
    await unmount(target);
  }
});

test('nothing is left', assertNothingLeft);
