// The changes of the commands on the model kernel: no output on success, a document with --json.

import test from 'ava';
import { Interrupted } from '../../../../src/cli/support/exit-status.ts';
import { modelTank } from '../../../support/cli/model-tank.ts';
import { until } from '../../../support/until.ts';

const SILENT = { status: 0, stdout: '', stderr: '' };

test('a thin device from create to delete', async (t) => {
  const { kernel, dm, run } = await modelTank(t, [1, 2]);
  t.deepEqual(await run('thin create tank 1'), SILENT);
  t.deepEqual(await run('thin activate tank 1 --size 1m'), SILENT);
  t.is((await dm.info('tank-1')).readOnly, false);
  t.deepEqual(await run('thin snap tank 2 1'), SILENT);
  t.deepEqual(await run('thin activate tank 2 --size 1m --name snap --readonly'), SILENT);
  t.true((await dm.info('snap')).readOnly);
  t.deepEqual(await run('thin grow tank 1 2m'), SILENT);
  t.deepEqual(await run('thin grow tank 1 +1m'), SILENT);
  t.is((await dm.table('tank-1')).targets[0]?.length, 6144n);
  kernel.hold('snap');
  t.like(await run('thin deactivate tank 2'), { status: 4, stdout: '' });
  t.deepEqual(await run('thin deactivate tank 2 --deferred'), {
    ...SILENT,
    stderr: 'dmts: thin device 2 is open: the kernel removes it when the last holder closes it\n',
  });
  kernel.release('snap');
  t.deepEqual(await run('thin deactivate tank 1'), SILENT);
  t.deepEqual(await run('thin delete tank 1 --confirm tank-1'), SILENT);
  t.deepEqual(await run('pool deactivate tank --confirm tank'), SILENT);
  t.deepEqual(await dm.list(), []);
});

test('a thin device whose activation fails is deleted again', async (t) => {
  const { run } = await modelTank(t);
  t.is((await run('thin create tank 1 --activate --size 1m --name tank')).status, 4);
  t.deepEqual(await run('thin create tank 1'), SILENT);
});

const documents: readonly (readonly [line: string, document: object])[] = [
  ['thin create tank 1', { pool: 'tank', id: 1, device: null }],
  ['thin create tank 1 --activate --size 1m', { id: 1, device: { name: 'tank-1', live: true } }],
  ['thin activate tank 0 --size 1m', { pool: 'tank', id: 0, device: { name: 'tank-0' } }],
  ['thin snap tank 1 0', { pool: 'tank', id: 1, origin: 0 }],
  ['thin deactivate tank 0', { pool: 'tank', id: 0, deferred: false }],
  ['thin delete tank 0 --confirm tank-0', { dryRun: false, pool: 'tank', id: 0, discard: null }],
  ['pool deactivate tank --confirm tank', { dryRun: false, name: 'tank', state: 'ok' }],
];

for (const [line, document] of documents) {
  test(`dmts ${line} --json`, async (t) => {
    const { run } = await modelTank(t);
    await run('thin create tank 0');
    const { status, stdout, stderr } = await run(`${line} --json`);
    t.is(status, 0, stderr);
    t.like(JSON.parse(stdout), document);
  });
}

test('Ctrl-C: the message is that of the subcommand', async (t) => {
  const { run } = await modelTank(t);
  const abort = new AbortController();
  abort.abort(new Interrupted(130));
  const { status, stderr } = await run('thin snap tank 1 0', { signal: abort.signal });
  t.deepEqual(
    [status, stderr],
    [130, 'dmts: interrupted: the snapshot may have been created; its origin is unchanged\n'],
  );
});

test('watch: a line per event, until the pool is removed', async (t) => {
  const { kernel, dm, run } = await modelTank(t);
  let printed = '';
  const onOutput = (stdout: string): void => {
    printed = stdout;
  };
  const watching = run('pool watch tank', { onOutput });
  await until('the first look', () => printed.includes('health ok'));
  kernel.setPool('tank', { usedData: 995n });
  await until('the pool that is low', () => printed.includes('health low'));
  await dm.remove('tank');
  t.deepEqual(await watching, {
    ...SILENT,
    stdout:
      'health ok data 0.0% metadata 11.7%\n' +
      'health low data 99.5% metadata 11.7%: Grow it, or delete or trim thin devices, before it is full\n' +
      'gone low data 99.5% metadata 11.7%\n',
  });
});
