// What `dmts` prints is what dmsetup prints, byte for byte.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { zero } from '../../../src/dm/targets/index.ts';
import { DeviceMapper } from '../../../src/index.ts';
import { dmts } from '../../support/cli/dmts.ts';
import { runHere } from '../../support/cli/in-process.ts';
import { numberOf } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import {
  MiB,
  type Owner,
  removeAfter,
  scratchDirectory,
  scratchLoop,
  uniqueName,
} from '../../support/kernel/scratch.ts';

/** Without udevd dmsetup makes its nodes itself. Trees it draws with the locale's characters. */
const ENV = { ...process.env, DM_DISABLE_UDEV: '1', LC_ALL: 'C.UTF-8' };
const KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

function dmsetup(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('dmsetup', args, { env: ENV, encoding: 'utf8' });
  if (status !== 0) throw new Error(`dmsetup ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Both print the same on stdout, and it is not nothing. */
async function same(t: ExecutionContext, ...args: readonly string[]): Promise<void> {
  t.not(dmsetup(...args), '');
  await sameOrNothing(t, ...args);
}

/** Both print the same on stdout. */
async function sameOrNothing(t: ExecutionContext, ...args: readonly string[]): Promise<void> {
  const stdout = dmsetup(...args);
  t.deepEqual(await runHere(args, '', ENV), { status: 0, stdout, stderr: '' }, args.join(' '));
}

/** A device made by dmsetup. */
function make(t: Owner, what: string, ...args: readonly string[]): string {
  const name = uniqueName(what);
  dmsetup('create', name, ...args);
  removeAfter(t, name);
  return name;
}

type Scene = Awaited<ReturnType<typeof build>>;

/** What takes the scene apart, in the order in which it was put up. */
const undo: (() => unknown)[] = [];
let built: Promise<Scene> | undefined;

/** Devices of every kind and in every state. All tests share them, and each leaves them as they were. */
const scene = (): Promise<Scene> =>
  (built ??= build({ teardown: (step) => void undo.push(() => step()) }));

async function build(t: Owner) {
  // Runs last: the node of a device that went by itself stays behind.
  t.teardown(() => runHere(['mknodes']));
  const [one, two, three, four] = [
    await scratchLoop(t),
    await scratchLoop(t),
    await scratchLoop(t, 4 * MiB),
    await scratchLoop(t, 32 * MiB),
  ];
  const linear = `0 2048 linear ${one} 0`;
  const pool = make(t, 'pool', '--table', `0 65536 thin-pool ${three} ${four} 128 0`);
  dmsetup('message', pool, '0', 'create_thin 7');
  const names = {
    linear: make(t, 'linear', '--table', linear),
    uuid: make(t, 'uuid', '--uuid', `CRYPT-LUKS2-${uniqueName()}`, '--table', linear),
    striped: make(t, 'striped', '--table', `0 4096 striped 2 16 ${one} 2048 ${two} 0`),
    readOnly: make(t, 'read-only', '--readonly', '--table', '0 8 zero'),
    two: make(t, 'two', '--table', `${linear}\n2048 100 error`),
    pool,
    thin: make(t, 'thin', '--table', `0 8192 thin /dev/mapper/${pool} 7`),
    empty: make(t, 'empty', '--notable'),
    suspended: make(t, 'suspended', '--table', linear),
    both: make(t, 'both', '--table', linear),
    inactive: make(t, 'inactive', '--notable'),
    odd: make(t, 'a b%ä', '--uuid', `U V ${uniqueName()}`, '--table', linear),
    crypt: make(t, 'crypt', '--table', `0 2048 crypt aes-xts-plain64 ${KEY} 0 ${two} 8192`),
    deferred: make(t, 'deferred', '--table', '0 8 zero'),
  };
  dmsetup('suspend', names.suspended);
  for (const name of [names.both, names.inactive]) {
    dmsetup('reload', name, '--table', '0 1024 zero');
  }
  await holdOpen(t, `/dev/mapper/${names.deferred}`);
  dmsetup('remove', '--deferred', names.deferred);
  return names;
}

/** Somebody has the device open until the scene is taken apart. */
async function holdOpen(t: Owner, path: string): Promise<void> {
  const holder = spawn('sh', ['-c', 'exec <"$1"; echo open; read line <&3', 'sh', path], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const ended = new Promise((resolve) => holder.once('close', resolve));
  t.teardown(() => {
    holder.kill('SIGKILL');
    return ended;
  });
  await new Promise((resolve) => holder.stdout!.once('data', resolve));
}

test('without a device', async (t) => {
  for (const verb of ['ls', 'info', 'status', 'table', 'deps']) await same(t, verb);
});

test('reports', async (t) => {
  const names = await scene();
  await same(t, 'info', '-c');
  await same(t, 'info', '-c', names.odd);
  await same(t, 'info', '-c', '--noheadings', '-o', 'name,attr,open', '--separator', ':');
  const fields = 'name,tables_loaded,suspended,readonly,devno,blkdevname';
  await same(t, 'info', '-c', '-o', fields, names.linear, names.suspended, names.readOnly);
  await same(t, 'info', '-c', '-o', 'name,device_count,device_ref_count', '-O', 'name');
  await same(t, 'info', '-c', '--nameprefixes', '--noheadings', '-o', 'name,minor,uuid');
});

test('reports: separators, order and units', async (t) => {
  await scene();
  await same(t, 'info', '-c', '--noheadings');
  await same(t, 'info', '-c', '--noheadings', '-o', 'name,open,uuid');
  await same(t, 'splitname', 'vg-lv', '--noheadings');
  for (const order of ['name', '-name', '-open,name', 'segments,-name', 'uuid,minor']) {
    await same(t, 'info', '-c', '-O', order);
  }
  // A unit has no column of dmsetup's to change.
  for (const unit of ['h', 'G']) await same(t, 'info', '-c', '--units', unit);
});

test('reports: what udev rules and scripts of cryptsetup, fsadm and zfs ask', async (t) => {
  const { uuid } = await scene();
  const { rdev } = statSync(`/dev/mapper/${uuid}`);
  const number = ['-j', `${rdev >> 8}`, '-m', `${rdev & 0xff}`];
  await same(t, 'info', '-c', '--noheadings', '-o', 'name', ...number);
  await same(t, ...number, 'info', '-C', '--noh', '--options', 'subsystem,uuid');
  await same(t, '-v', '--checks', 'info', ...number);
  await same(t, 'table', ...number);
  await same(t, 'info', '-c', '-o', 'name,subsystem,vg_name,lv_name,lv_layer');
  await same(t, 'info', '-c', '-o', 'mangled_name,mangled_uuid,unmangled_uuid');
  const rules = 'name,uuid,suspended,readonly,major,minor,open,tables_loaded,names_using_dev';
  const prefixed = ['info', '-c', '--nameprefixes', '-o', rules];
  for (const more of [[], ['--noheadings'], ['--unquoted'], ['--rows'], ['--separator', '/']]) {
    await same(t, ...prefixed, ...more);
    await same(t, ...prefixed, '--noheadings', ...more);
    await same(t, ...prefixed, '--noheadings', '--rows', '--unquoted', ...more);
  }
  await same(t, 'info', '-c', '--rows');
  await same(t, 'info', '-c', '-o', 'device_ref_count,names_using_dev,devnos_using_dev,devs_used');
});

test('selections', async (t) => {
  const { linear, uuid, suspended } = await scene();
  const name = ['info', '-c', '--noheadings', '-o', 'name', '-S'];
  for (const selection of [
    `name=${linear}`,
    `name="${linear}"`,
    'open>0',
    'open>=1&&suspended=Suspended',
    'segments != 1 || uuid =~ ^CRYPT',
    'segments!=1#uuid=~^CRYPT,open=0',
    '!(readonly=Read-only) && (tables_loaded=None || tables_loaded=Both)',
    'TablesLoaded=Inactive',
    'name!~a',
    'subsystem=CRYPT',
    'name=nosuch',
    'all',
    '',
  ]) {
    await sameOrNothing(t, ...name, selection);
  }
  await sameOrNothing(t, 'info', '-c', '-S', 'name=nosuch');
  for (const verb of ['table', 'status', 'deps', 'measure']) {
    await same(t, verb, '-S', `name=${linear}||name=${uuid}`);
    await sameOrNothing(t, verb, '-S', 'name=nosuch');
  }
  const resumed = await runHere(['resume', '-S', 'suspended=Suspended'], '', ENV);
  t.deepEqual(resumed, SILENT);
  t.is(dmsetup('info', '-c', '--noheadings', '-o', 'suspended', suspended), 'Active\n');
  dmsetup('suspend', suspended);
});

const SILENT = { status: 0, stdout: '', stderr: '' };

test('-v prints the device, too', async (t) => {
  const names = await scene();
  for (const verb of ['status', 'table', 'deps']) {
    await same(t, verb, '-v', names.two);
    await same(t, verb, '-v', names.two, names.odd);
    await same(t, verb, '-v');
  }
  await sameOrNothing(t, 'status', '-v', '--target', 'error');
  await same(t, 'suspend', '-v', names.linear);
  await same(t, 'resume', '-v', names.linear);
  const name = uniqueName();
  removeAfter(t, name);
  const made = await runHere(['create', name, '-v', '--table', '0 8 zero'], '', ENV);
  t.deepEqual(made, { ...SILENT, stdout: dmsetup('info', name) });
});

test('verbs that are seldom used', async (t) => {
  const names = await scene();
  await same(t, 'measure');
  await same(t, 'measure', names.striped);
  await same(t, 'target-version', 'linear', 'striped');
  await same(t, 'splitname', 'vg-lv', '-o', 'subsystem,vg_name');
  await same(t, 'splitname', 'vg-lv', 'CRYPT', '-o', '+subsystem');
  for (const run of [dmsetup, async (...args: string[]) => (await runHere(args, '', ENV)).stderr]) {
    const name = make(t, 'wiped', '--table', '0 2048 zero');
    t.is(await run('setgeometry', name, '16', '255', '63', '0'), '');
    t.is(await run('wipe_table', name), '');
    t.is(dmsetup('table', name), '0 2048 error \n');
    t.is(await run('resume', '--readahead', '64', name), '');
    t.regex(dmsetup('info', name), /^Read Ahead: +64$/m);
    t.is(await run('resume', '--readahead', '+32', name), '');
    t.regex(dmsetup('info', name), /^Read Ahead: +64$/m);
    t.is(await run('resume', '--readahead', 'none', name), '');
    t.regex(dmsetup('info', name), /^Read Ahead: +0$/m);
    unlinkSync(`/dev/mapper/${name}`);
    t.is(await run('mknodes', name), '');
    t.true(existsSync(`/dev/mapper/${name}`));
    const owned = uniqueName();
    removeAfter(t, owned);
    const rights = ['-M', '640', '-U', '7', '--gid', '8', '--readahead=128'];
    t.is(await run('create', owned, ...rights, '--table', '0 8 zero'), '');
    const { mode, uid, gid } = statSync(`/dev/mapper/${owned}`);
    t.deepEqual([mode & 0o7777, uid, gid], [0o640, 7, 8]);
    t.regex(dmsetup('info', owned), /^Read Ahead: +128$/m);
  }
});

test('what dmsetup refuses, too', async (t) => {
  for (const words of [
    ['stat'],
    ['inf'],
    ['info', '--no', '-c'],
    ['info', '-j', '254'],
    ['ls', '-o', 'x'],
  ]) {
    const { status, stdout } = spawnSync('dmsetup', words, { env: ENV, encoding: 'utf8' });
    t.deepEqual([status, stdout], [1, ''], words.join(' '));
    t.like(await runHere(words, '', ENV), { status: 2, stdout: '' });
  }
});

test('ls --exec', async (t) => {
  const { odd } = await scene();
  // dmsetup gives a path that is not there.
  const mangled = odd.replace(/ |%|ä/g, (character) =>
    Buffer.from(character).toString('hex').replace(/../g, '\\x$&'),
  );
  for (const words of [
    ['--exec', 'echo  it is'],
    ['--target', 'linear', '--exec', 'echo'],
    ['-v', '--exec', 'true'],
    ['--target', 'nosuch', '--exec', 'echo'],
    ['--exec', 'false'],
  ]) {
    const args = ['ls', ...words];
    t.deepEqual(
      dmts(args, { env: { LC_ALL: 'C.UTF-8' } }).stdout,
      dmsetup(...args).replace(`mapper/${odd}`, `mapper/${mangled}`),
    );
  }
  const missing = dmts(['ls', '--exec', '/no/such/program']);
  t.deepEqual([missing.status, missing.stdout], [1, '']);
  t.regex(missing.stderr, /^dmts: cannot run "\/no\/such\/program": .*ENOENT/);
});

test('trees, and the names of disks', async (t) => {
  await scene();
  await same(t, 'ls', '--tree');
  await same(t, 'ls', '--tree', '-o', 'blkdevname');
  await same(t, 'ls', '-o', 'blkdevname');
  await same(t, 'ls', '-o', 'devno');
  await same(t, 'ls', '-o', 'devname');
  await same(t, 'ls', '-o', 'devno,blkdevname');
  for (const options of [
    'ascii',
    'vt100',
    'utf,notrunc',
    'inverted',
    'compact,inverted',
    'active,open,rw,uuid,notrunc',
    'nodevice',
    'nodevice,device,open',
  ]) {
    await same(t, 'ls', '--tree', '-o', options);
  }
  // dmsetup's columns slip below the second of three in a row.
  const squeezed = (text: string): string => text.replace(/ +/g, ' ');
  for (const options of ['compact', 'compact,ascii', 'nodevice,blkdevname,compact']) {
    const args = ['ls', '--tree', '-o', options];
    const { stdout } = await runHere(args, '', ENV);
    t.is(squeezed(stdout), squeezed(dmsetup(...args)));
  }
  for (const naming of ['devno', 'blkdevname', 'devname']) await same(t, 'deps', '-o', naming);
  for (const type of ['linear', 'thin-pool', 'nosuch']) {
    await sameOrNothing(t, 'ls', '--target', type);
  }
});

test('targets of one type', async (t) => {
  const names = await scene();
  for (const verb of ['status', 'table']) {
    for (const type of ['linear', 'error', 'thin-pool', 'crypt', 'nosuch']) {
      await sameOrNothing(t, verb, '--target', type);
      await sameOrNothing(t, verb, '--target', type, names.two);
    }
    await same(t, verb, '--target', 'linear');
    await same(t, verb, names.two, names.linear, '--target', 'linear');
  }
});

test('devices on one line', async (t) => {
  const names = await scene();
  await same(t, 'table', '--concise');
  for (const name of [names.odd, names.two, names.readOnly, names.uuid, names.crypt]) {
    await same(t, 'table', '--concise', name);
  }
  await same(t, 'table', '--concise', names.linear, names.striped);

  const [one, two] = [uniqueName('one'), uniqueName('two')];
  for (const name of [one, two]) removeAfter(t, name);
  const text = `${one},,,,0 8 zero,8 8 error;${two},TEST-${two},,ro,0 16 zero`;
  const made: string[] = [];
  for (const create of [dmsetup, async (...args: string[]) => (await runHere(args)).stderr]) {
    t.is(await create('create', '--concise', text), '');
    made.push(dmsetup('table', '--concise', one, two).replace(/(?<=,)\d+(?=,r[ow],)/g, 'MINOR'));
    for (const name of [one, two]) t.is((await runHere(['remove', '--retry', name])).status, 0);
  }
  t.is(made[1], made[0]);
});

test('devices of every kind and in every state', async (t) => {
  const names = await scene();
  await same(t, 'ls');
  await same(t, 'targets');
  t.deepEqual(dmts(['info']), await runHere(['info']), 'a process of its own prints no other');
  for (const verb of ['info', 'status', 'table', 'deps']) {
    await same(t, verb);
    await same(t, verb, '--inactive');
    await same(t, verb, names.odd);
    await same(t, verb, names.empty);
    await same(t, verb, names.linear, names.two, names.odd);
  }
  for (const name of [names.uuid, names.readOnly, names.suspended, names.both, names.inactive]) {
    await same(t, 'info', name);
  }
  t.regex(
    (await runHere(['info', names.deferred])).stdout,
    /^State: +ACTIVE \(DEFERRED REMOVE\)$/m,
  );
  for (const name of [names.striped, names.two, names.pool, names.thin, names.both]) {
    await same(t, 'table', name);
    await same(t, 'status', name);
  }
  await same(t, 'status', '--noflush', names.pool);
  await same(t, 'table', '--inactive', names.both);
  await same(t, 'deps', names.striped);
  await same(t, 'table', names.crypt);
  await same(t, 'table', '--showkeys', names.crypt);
  t.false((await runHere(['table', '--json'])).stdout.includes(KEY), 'JSON hides keys, too');
  t.true((await runHere(['table', '--json', '--showkeys'])).stdout.includes(KEY));

  const uuid = /^UUID: (.*)$/m.exec(dmsetup('info', names.odd))![1]!;
  await same(t, 'info', '--uuid', uuid);
  const minor = String(statSync(`/dev/mapper/${names.striped}`).rdev & 0xff);
  const major = String(statSync(`/dev/mapper/${names.striped}`).rdev >> 8);
  await same(t, 'info', '--major', major, '--minor', minor);
  await same(t, 'table', `/dev/mapper/${names.striped}`);
});

test('nothing is left of the scene', async (t) => {
  for (const step of undo.toReversed()) await step();
  await assertNothingLeft(t);
});

test('a device that dmts makes is, to dmsetup, the table it was given', async (t) => {
  const one = numberOf(await scratchLoop(t));
  const two = numberOf(await scratchLoop(t, 16 * MiB));
  const tables: readonly (readonly string[])[] = [
    [`0 2048 linear ${one} 64`],
    [`0 4096 striped 2 16 ${one} 0 ${two} 0`],
    ['0 8 zero '],
    ['0 8 error '],
    [`0 8 linear ${one} 0`, '8 8 error ', `16 1024 linear ${two} 8`],
    [`0 32768 thin-pool ${one} ${two} 128 0 1 skip_block_zeroing `],
    [`0 2048 crypt aes-xts-plain64 ${KEY} 0 ${two} 0`],
  ];
  for (const lines of tables) {
    const name = uniqueName();
    removeAfter(t, name);
    const created = await runHere(['create', name], `${lines.join('\n')}\n`);
    t.deepEqual(created, { status: 0, stdout: '', stderr: '' });
    const expected = `${lines.join('\n')}\n`;
    t.is(dmsetup('table', '--showkeys', name), expected);
    t.is((await runHere(['table', '--showkeys', name])).stdout, expected);
    t.is((await runHere(['remove', '--retry', name])).status, 0);
  }
});

test('a thin device that dmts makes is, to dmsetup, the table it was given', async (t) => {
  const one = numberOf(await scratchLoop(t));
  const two = numberOf(await scratchLoop(t, 16 * MiB));
  const [pool, thin] = [uniqueName('pool'), uniqueName('thin')];
  removeAfter(t, pool);
  removeAfter(t, thin);
  const run = async (...args: readonly string[]): Promise<void> => {
    t.deepEqual(await runHere(args), { status: 0, stdout: '', stderr: '' }, args.join(' '));
  };
  await run('create', pool, '--table', `0 32768 thin-pool ${one} ${two} 128 0`);
  await run('message', pool, '0', 'create_thin', '0');
  const table = `0 8192 thin ${numberOf(`/dev/mapper/${pool}`)} 0`;
  await run('create', thin, '--table', table);
  t.is(dmsetup('table', thin), `${table}\n`);
  for (const verb of ['table', 'status', 'info', 'deps']) await same(t, verb, thin);
  await same(t, 'ls');
  for (const name of [thin, pool]) await run('remove', '--retry', name);
});

test('a path through a symlink of another name is the device that it leads to', async (t) => {
  const name = make(t, 'target', '--table', '0 8 zero');
  const decoy = make(t, 'decoy', '--table', '0 16 zero');
  const link = join(scratchDirectory(t), decoy);
  symlinkSync(`/dev/mapper/${name}`, link);
  await same(t, 'info', '-c', '--noheadings', '-o', 'name', link);
  await same(t, 'table', link);
  t.is((await runHere(['table', link])).stdout, '0 8 zero \n');
  t.is((await runHere(['remove', link])).status, 0);
  t.deepEqual(
    [name, decoy].map((one) => existsSync(`/dev/mapper/${one}`)),
    [false, true],
  );
});

/** Devices by the names that the kernel has for them. */
const rawNames = async (): Promise<readonly string[]> => {
  await using dm = await DeviceMapper.open({ mangling: 'none' });
  return (await dm.list()).map(({ name }) => name);
};

/** A device with a raw name, and what it is called once `mend` has been at it. */
async function mended(
  prefix: string,
  form: string,
  mend: () => Promise<boolean>,
): Promise<{ readonly done: boolean; readonly names: readonly string[] }> {
  await using dm = await DeviceMapper.open({ mangling: 'none' });
  const { dev } = await dm.create(prefix + form, { table: [zero({ length: 8 })] });
  try {
    const done = await mend();
    return { done, names: (await rawNames()).filter((one) => one.startsWith(prefix)) };
  } finally {
    await dm.remove({ dev }, { retryMs: 10_000 });
    await runHere(['mknodes']);
  }
}

for (const mode of ['none', 'auto', 'hex']) {
  for (const form of ['a b', 'a\\x20b', 'a b\\x20c', 'a\\x5cx20b']) {
    test(`${form} is put right in ${mode} as by dmsetup`, async (t) => {
      const prefix = `${uniqueName('7')}-`;
      const args = ['mangle', '--manglename', mode];
      const byDmsetup = await mended(prefix, form, async () => {
        return spawnSync('dmsetup', args, { env: ENV, encoding: 'utf8' }).status === 0;
      });
      const byUs = await mended(prefix, form, async () => (await runHere(args)).status === 0);
      t.deepEqual(byUs, byDmsetup);
    });
  }
}

test('nothing is left', assertNothingLeft);
