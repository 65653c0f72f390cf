// The output of `dmts pool status`, `dmts pool ls` and `dmts thin ls`.

import test from 'ava';
import { modelTank } from '../../../support/cli/model-tank.ts';

const STATUS = `tank
  state          ok
  data            45.0%  28.12m of 62.50m, low from 80%
  metadata         1.7%  36.00k of 2.00m, low from 75%
  mode           rw
  transaction id 0
  block size     64.00k
  active thins   1 (tank-1)
`;

test('status: numbers, with bars only on a terminal', async (t) => {
  const { kernel, run } = await modelTank(t, [1]);
  t.is((await run('thin create tank 1 --activate --size 1m')).status, 0);
  kernel.setPool('tank', { usedData: 450n, usedMetadata: 9n });
  t.deepEqual(await run('pool status tank'), { status: 0, stdout: STATUS, stderr: '' });
  t.is((await run('pool status')).stdout, STATUS);
  const utf8 = { LANG: 'C.UTF-8' };
  const wide = await run('pool status', { isTTY: true, columns: 100, env: utf8 });
  t.regex(wide.stdout, /^ {2}data {11}█{13}·{11}│·{5} {2}45\.0% {2}28\.12m of 62\.50m/m);
  const ascii = await run('pool status', { isTTY: true, columns: 100, env: { LC_ALL: 'C' } });
  t.regex(ascii.stdout, /^ {2}data {11}#{13}\.{11}\|\.{5} {2}45\.0% {2}28\.12m of 62\.50m/m);
});

test('status: no line is longer than the terminal', async (t) => {
  const { kernel, run } = await modelTank(t, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  for (let id = 0; id < 12; id++) await run(`thin create tank ${id} --activate --size 1m`);
  kernel.setPool('tank', { usedData: 1000n });
  const piped = (await run('pool status')).stdout;
  for (const columns of [24, 36, 49, 50, 60, 80, 132]) {
    const { stdout } = await run('pool status', { isTTY: true, columns });
    const lines = stdout.split('\n');
    t.true(
      lines.every((line) => line.length <= columns),
      `${columns}: ${stdout}`,
    );
    const words = (text: string): readonly string[] =>
      text.split(/\s+/).filter((word) => !/^[#|.]*$/.test(word));
    t.deepEqual(words(stdout), words(piped));
  }
});

test('status: advice for each state', async (t) => {
  const { kernel, run } = await modelTank(t);
  kernel.setPool('tank', { usedData: 1000n });
  t.regex(
    (await run('pool status tank')).stdout,
    /state {10}out-of-data\n {2}advice {9}Grow its data device/,
  );
  kernel.setPool('tank', { mode: 'fail' });
  t.regex(
    (await run('pool status tank')).stdout,
    /state {10}failed\n(.*\n)+ {2}data {11}unknown\n/,
  );
});

test('status leaves a suspended pool unchanged and reports it', async (t) => {
  const { dm, run } = await modelTank(t);
  await dm.suspend('tank');
  t.regex((await run('pool status tank')).stdout, /state {10}ok, suspended\n/);
  t.true((await dm.info('tank')).suspended);
});

test('status as JSON: an object for a named pool, a list otherwise', async (t) => {
  const { kernel, run } = await modelTank(t, [1]);
  await run('thin create tank 7 --activate --size 1m --name seven');
  kernel.setPool('tank', { usedData: 450n });
  const one = JSON.parse((await run('pool status tank --json')).stdout) as object;
  t.like(one, {
    name: 'tank',
    state: 'ok',
    advice: null,
    data: {
      used: 450,
      total: 1000,
      percent: 45,
      usedBytes: 29_491_200,
      totalBytes: 65_536_000,
    },
    blockBytes: 65_536,
    mode: 'rw',
    needsCheck: false,
    transactionId: 0,
    heldRoot: null,
    length: 128_000,
    blockSize: 128,
    lowWaterMark: 10,
    features: [],
    metadataDevice: '8:0',
    dataDevice: '8:16',
  });
  t.like((one as { readonly thins: readonly object[] }).thins[0], {
    id: 7,
    name: 'seven',
    length: 2048,
  });
  t.deepEqual(JSON.parse((await run('pool status --json')).stdout), [one]);
});

test('ls lists only the pools', async (t) => {
  const { kernel, dm, run } = await modelTank(t);
  await dm.create('other', { table: [{ length: 8, type: 'zero' }] });
  kernel.setPool('tank', { usedData: 800n, usedMetadata: 9n });
  t.is((await run('pool ls')).stdout, 'Name State Data   Meta  \ntank low    80.0%   1.7%\n');
  t.is((await run('pool ls --noheadings --separator /')).stdout, 'tank/low/80.0%/1.7%\n');
  await dm.suspend('tank');
  t.is((await run('pool ls --noheadings')).stdout, 'tank:suspended:80.0%:1.7%\n');
  t.like(JSON.parse((await run('pool ls --json')).stdout), [
    { name: 'tank', suspended: true, state: 'low' },
  ]);
  await dm.resume('tank');
  t.like(JSON.parse((await run('pool ls --json')).stdout), [
    { name: 'tank', suspended: false, state: 'low' },
  ]);
  await dm.remove('tank');
  t.is((await run('pool ls')).stdout, 'No pools found\n');
  t.is((await run('pool status')).stdout, 'No pools found\n');
  t.is((await run('pool ls --json')).stdout, '[]\n');
});

test('thin ls: the active thin devices with sizes, and why the others are not listed', async (t) => {
  const { run } = await modelTank(t, [1, 2]);
  const none = await run('thin ls tank');
  t.is(none.stdout, 'No active thin devices found\n');
  t.regex(none.stderr, /^dmts: only active thin devices are listed: ENOENT/);
  await run('thin create tank 3 --activate --size 1m');
  await run('thin create tank 4 --activate --size 2g --name four');
  await run('thin create tank 5');
  t.is(
    (await run('thin ls tank')).stdout,
    'ID  Name   Size  Mapped\n  3 tank-3 1.00m     0b\n  4 four   2.00g     0b\n',
  );
  t.like(JSON.parse((await run('thin ls tank --json')).stdout), [
    {
      id: 3,
      name: 'tank-3',
      length: 2048,
      mapped: 0,
      mappedBytes: 0,
      sizeBytes: 1_048_576,
      active: true,
    },
    { id: 4, name: 'four', length: 4_194_304, mapped: 0 },
  ]);
});
