// Rejected command lines of pools with their exit statuses, questions, and dry runs.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { Interrupted } from '../../../../src/cli/support/exit-status.ts';
import { runIn } from '../../../support/cli/in-process.ts';
import { modelTank } from '../../../support/cli/model-tank.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const CREATE = 'pool create tank --metadata /no/m --data /no/d';
const ACTIVATE = 'pool activate tank --metadata /no/m --data /no/d';

const rows: readonly (readonly [line: string, status: number, said: RegExp])[] = [
  ['pool create tank', 2, /required option '--metadata <path>'/],
  ['pool create --metadata /m --data /d', 2, /missing required argument 'name'/],
  [CREATE, 2, /metadataSize: expected a size for "\/no\/m", which does not exist/],
  [`${CREATE} --block-size 100k`, 2, /thin-pool\.blockSize: expected a multiple of 128 sectors/],
  [`${CREATE} --block-size 1x`, 2, /^dmts: --block-size: expected a size such as/],
  [`${CREATE} --feature fast`, 2, /--feature: expected one of skip_block_zeroing, .* got "fast"/],
  [`${CREATE} --low-water -1`, 2, /--low-water: expected a whole number/],
  [`${CREATE} --overwrite`, 2, /destroys their data; to confirm, add --confirm tank\n/],
  [`${CREATE} --overwrite --confirm other`, 2, /invalid --confirm: expected "tank", got "other"/],
  [`${CREATE} --dry-run`, 2, /\/no\/m does not exist: to create it, add --metadata-size/],
  [
    'pool create tank --metadata /m --data /m',
    2,
    /data: expected a device other than that of the metadata/,
  ],
  [ACTIVATE, 1, /^dmts: ENOENT: no such file or directory/],
  [`${ACTIVATE} --transaction-id x`, 2, /--transaction-id: expected a whole number, got "x"/],
  ['pool deactivate tank', 2, /this deactivates pool "tank"; to confirm, add --confirm tank\n/],
  [
    'pool deactivate no-such --confirm no-such',
    3,
    /'no-such': there is no such device\. "dmts pool ls"/,
  ],
  ['pool status no-such', 3, /there is no such device/],
  ['pool grow tank', 2, /^dmts: missing --data or --metadata/],
  ['pool grow tank --data +x', 2, /--data: expected a size/],
  ['pool grow tank --data +100', 2, /--data: expected a step of at least 65536 bytes, got \+100/],
  ['pool grow tank --metadata +1k', 2, /--metadata: expected a step of at least 4096 bytes/],
  ['pool grow tank --data 1m', 1, /cannot shrink its data from \d+ to 1048576 bytes/],
  ['pool grow no-such --data 1g', 3, /no such device/],
  ['pool watch no-such', 3, /no such device/],
  ['pool watch tank --threshold 50', 2, /--threshold needs --extend-data or --extend-metadata/],
  ['pool watch tank --extend-data 10g', 2, /--extend-data: expected STEP:CEILING, got "10g"/],
  ['pool watch tank --extend-data 0:1g', 2, /--extend-data: expected sizes above 0, got "0:1g"/],
  ['pool watch tank --extend-data 1g:2g --threshold 0', 2, /--threshold: expected at least 1/],
  ['pool trim', 2, /^dmts: missing MOUNTPOINT or --pool/],
  ['pool trim /no/such/mount', 1, /^dmts: ENOENT/],
  ['pool check', 2, /^dmts: missing pool: give NAME, or --metadata/],
  ['pool check tank --metadata /m', 2, /NAME and --metadata are mutually exclusive/],
  ['pool check --metadata /no/such', 1, /^dmts: ENOENT: .*\/no\/such/],
  ['pool check --metadata /dev/null', 2, /path: expected a block device or a file, got/],
  ['pool diff --metadata /dev/null 1 2', 2, /path: expected a block device or a file, got/],
  ['pool check no-such', 3, /no such device/],
  ['pool diff tank 1', 2, /expected NAME ID ID/],
  ['pool diff 1 2 3 --metadata /m', 2, /expected ID ID/],
  ['pool diff tank 1 x', 2, /ID: expected a whole number/],
  ['pool diff no-such 1 2', 3, /no such device/],
  ['thin create tank x', 2, /ID: expected a whole number from 0 to 16777215/],
  ['thin create tank 16777216', 2, /ID: expected a whole number from 0 to 16777215/],
  ['thin create no-such 1', 3, /no such device/],
  ['thin create tank 1 --activate', 2, /--activate and --size must be given together/],
  ['thin create tank 1 --size 1g', 2, /--activate and --size must be given together/],
  ['thin create tank 1 --name one', 2, /--name needs --activate/],
  ['thin create tank 0', 4, /a thin device with this id already exists/],
  [
    'thin create tank 5 --activate --size 513',
    2,
    /--size: expected a multiple of 512 bytes, got 513\n/,
  ],
  ['thin snap tank 1', 2, /missing required argument 'origin'/],
  ['thin snap tank 1 9', 3, /the pool has no thin device 9/],
  ['thin activate tank 1', 2, /required option '--size <size>'/],
  ['thin activate tank 1 --size 1000b', 2, /--size/],
  ['thin activate tank 1 --size 1g', 3, /the pool has no thin device with this id/],
  ['thin deactivate tank 0 --timeout x', 2, /--timeout: expected a whole number/],
  ['thin delete tank 0', 2, /and its data; to confirm, add --confirm tank-0\n/],
  ['thin delete tank 0 --confirm 0', 2, /invalid --confirm: expected "tank-0", got "0"/],
  ['thin delete tank 0 --discard', 2, /--discard and --size must be given together/],
  ['thin delete tank 9 --confirm tank-9', 3, /the pool has no thin device with this id/],
  ['thin grow tank 0 1g', 3, /it is not active/],
  ['thin grow tank 0 +1g', 3, /it is not active/],
  ['thin ls no-such', 3, /no such device/],
];

for (const [line, status, said] of rows) {
  test(`dmts ${line}: ${status}`, async (t) => {
    const { run } = await modelTank(t);
    await run('thin create tank 0');
    const outcome = await run(line);
    t.is(outcome.status, status, outcome.stderr);
    t.regex(outcome.stderr, said);
    t.is(outcome.stdout, '');
    t.notRegex(outcome.stderr, /a bug in dmts|\n\s+at /);
  });
}

test('a missing confirmation is rejected before any request to the device mapper', async (t) => {
  const { requests, status } = await runIn({}, 'thin', 'delete', 'tank', '0');
  t.deepEqual([status, requests], [2, []]);
});

test('on a terminal the command asks first, and deactivates only after a yes', async (t) => {
  const { dm, run } = await modelTank(t);
  for (const stdin of ['n\n', '', 'tank\n']) {
    const { status, stderr } = await run('pool deactivate tank', { isTTY: true, stdin });
    t.is(status, 1);
    t.is(stderr, 'This deactivates pool "tank"\nContinue? [y/N] dmts: the pool is still active\n');
  }
  t.is((await dm.list()).length, 1);
  t.is((await run('pool deactivate tank', { isTTY: true, stdin: 'y\n' })).status, 0);
  t.deepEqual(await dm.list(), []);
});

test('Ctrl-C at a question: the message says that nothing was done', async (t) => {
  const { dm, run } = await modelTank(t, [1]);
  await run('thin create tank 1 --activate --size 1m');
  await run('thin deactivate tank 1');
  for (const [line, left] of [
    ['pool deactivate tank', 'the pool is still active'],
    ['thin delete tank 1', 'nothing was deleted'],
    ['remove_all', 'nothing was removed'],
  ]) {
    const abort = new AbortController();
    const stdin = new Readable({ read: () => abort.abort(new Interrupted(130)) });
    const { status, stderr } = await run(line!, {
      isTTY: true,
      input: stdin,
      signal: abort.signal,
    });
    t.is(status, 130);
    t.true(stderr.endsWith(`Continue? [y/N] \ndmts: interrupted: ${left}\n`), stderr);
  }
  t.is((await dm.list()).length, 1);
});

test('--dry-run prints the intended changes, and changes nothing', async (t) => {
  const { dm, run } = await modelTank(t, [1]);
  t.is((await run('pool deactivate tank --dry-run')).stdout, 'would deactivate pool tank\n');
  t.is((await run('thin delete tank 1 -n')).stdout, 'would delete thin device 1 of pool tank\n');
  await run('thin create tank 1 --activate --size 1m');
  t.is(
    (await run('pool deactivate tank -n')).stdout,
    'would deactivate pool tank; this would fail while these thin devices are active: tank-1\n',
  );
  t.is(
    (await run('thin delete tank 1 -n --discard --size 1m')).stdout,
    'would discard and delete thin device 1 of pool tank; this would fail while it is active as tank-1\n',
  );
  t.like(JSON.parse((await run('thin delete tank 1 -n --json')).stdout), {
    dryRun: true,
    pool: 'tank',
    id: 1,
    active: 'tank-1',
  });
  t.is((await dm.list()).length, 2);
});

test('create --dry-run prints the current content', async (t) => {
  const directory = tempDir(t);
  const [metadata, data] = [join(directory, 'm'), join(directory, 'd')];
  writeFileSync(metadata, Buffer.alloc(65_536, 'x'));
  const words = ['pool', 'create', 'tank', '--metadata', metadata, '--data', data];
  const options = ['--data-size', '1g', '-n'];
  const { dm, run } = await modelTank(t);
  const own = await run([...words, ...options].join(' '));
  t.regex(own.stdout, /^device tank exists: the pool would not be created\n/);
  await dm.remove('tank');
  const { stdout } = await run([...words, ...options].join(' '));
  t.is(
    stdout,
    `metadata ${metadata} holds data of an unknown kind: the pool would not be created without --overwrite\ndata ${data} would be created, 1.00g\n`,
  );
  const json = await run([...words, ...options, '--json'].join(' '));
  t.deepEqual(JSON.parse(json.stdout), {
    dryRun: true,
    name: 'tank',
    taken: false,
    metadata: {
      path: metadata,
      size: null,
      exists: true,
      holds: 'data of an unknown kind',
      use: null,
    },
    data: { path: data, size: 2 ** 30, exists: false, holds: null, use: null },
  });
});
