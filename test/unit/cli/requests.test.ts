// The requests that the options of a command send to the kernel.

import test from 'ava';
import { DmFlag } from '../../../src/testing/index.ts';
import { all, vol } from '../../support/cli/devices.ts';
import { runIn } from '../../support/cli/in-process.ts';

const { NOFLUSH, SKIP_LOCKFS, SUSPEND, QUERY_INACTIVE_TABLE, STATUS_TABLE, READONLY } = DmFlag;

const rows: readonly (readonly [argv: string, command: string, flags: number])[] = [
  ['suspend vol', 'DM_DEV_SUSPEND', SUSPEND],
  ['suspend --noflush vol', 'DM_DEV_SUSPEND', SUSPEND | NOFLUSH],
  ['suspend --nolockfs vol', 'DM_DEV_SUSPEND', SUSPEND | SKIP_LOCKFS],
  ['resume vol', 'DM_DEV_SUSPEND', 0],
  ['resume --noflush --nolockfs vol', 'DM_DEV_SUSPEND', NOFLUSH | SKIP_LOCKFS],
  ['status vol', 'DM_TABLE_STATUS', 0],
  ['status --noflush vol', 'DM_TABLE_STATUS', NOFLUSH],
  ['status --inactive', 'DM_TABLE_STATUS', QUERY_INACTIVE_TABLE],
  ['table vol', 'DM_TABLE_STATUS', STATUS_TABLE],
  [
    'table --inactive --noflush vol',
    'DM_TABLE_STATUS',
    STATUS_TABLE | NOFLUSH | QUERY_INACTIVE_TABLE,
  ],
  ['info --inactive vol', 'DM_DEV_STATUS', QUERY_INACTIVE_TABLE],
  ['deps --inactive vol', 'DM_TABLE_DEPS', QUERY_INACTIVE_TABLE],
  ['reload vol', 'DM_TABLE_LOAD', 0],
  ['reload --readonly vol', 'DM_TABLE_LOAD', READONLY],
  ['create -r vol', 'DM_TABLE_LOAD', READONLY],
  ['create --notable --minor 9 new', 'DM_DEV_CREATE', DmFlag.PERSISTENT_DEV],
  ['remove vol', 'DM_DEV_REMOVE', 0],
  ['remove --deferred vol', 'DM_DEV_REMOVE', DmFlag.DEFERRED_REMOVE],
  ['remove_all --yes', 'DM_REMOVE_ALL', 0],
  ['remove_all -y --deferred', 'DM_REMOVE_ALL', DmFlag.DEFERRED_REMOVE],
  ['rename vol new', 'DM_DEV_RENAME', 0],
  ['rename vol --setuuid new', 'DM_DEV_RENAME', DmFlag.UUID],
  ['wait --noflush vol 7', 'DM_DEV_WAIT', NOFLUSH],
  ['clear -u U-1', 'DM_TABLE_CLEAR', 0],
];

for (const [argv, name, flags] of rows) {
  test(`dmts ${argv}: ${name} with flags 0x${flags.toString(16)}`, async (t) => {
    const world = { devices: [vol], stdin: '0 8 zero\n' };
    const { requests, status, stdout, stderr } = await runIn(world, ...argv.split(' '));
    const request = requests.findLast(({ command }) => command.name === name);
    t.is(request?.header.flags, flags);
    t.is(status, 0);
    // The fake kernel does not change its devices.
    t.is(stderr, argv.startsWith('remove_all') ? 'dmts: in use and not removed: vol\n' : '');
    if (!/^(status|table|info|deps)/.test(argv)) t.is(stdout, '', 'a change prints nothing');
  });
}

test('remove --force first replaces the table by one that fails all I/O, without waiting', async (t) => {
  const { requests } = await runIn({ devices: [vol] }, 'remove', '--force', 'vol');
  const changes = ['DM_TABLE_LOAD', 'DM_DEV_SUSPEND', 'DM_DEV_REMOVE'];
  const sent = requests.map(({ command }) => command.name);
  t.deepEqual(
    sent.filter((name) => changes.includes(name)),
    changes,
  );
  const swap = requests.find(({ command }) => command.name === 'DM_DEV_SUSPEND')!;
  t.is(swap.header.flags, NOFLUSH | SKIP_LOCKFS);
  const load = requests.find(({ command }) => command.name === 'DM_TABLE_LOAD')!;
  t.true(load.payload.toString('latin1').includes('error\0'));
});

test('wait passes the event number; 0 without one, as with dmsetup', async (t) => {
  for (const [words, eventNr] of [
    [['vol', '7'], 7],
    [['vol'], 0],
    [['vol', '12'], 12],
    [['vol', '4294967295'], 4_294_967_295],
    [['-u', 'U-1', '9'], 9],
  ] as const) {
    const { requests } = await runIn({ devices: [vol] }, 'wait', ...words);
    const wait = requests.find(({ command }) => command.name === 'DM_DEV_WAIT')!;
    t.is(wait.header.eventNr, eventNr);
  }
});

test('a pending deferred removal is reported on stderr', async (t) => {
  const devices = [{ ...vol, flags: DmFlag.ACTIVE_PRESENT | DmFlag.DEFERRED_REMOVE }];
  const { stdout, stderr, status } = await runIn({ devices }, 'remove', '--deferred', 'vol');
  t.deepEqual([status, stdout], [0, '']);
  t.is(stderr, 'dmts: vol is open: the kernel removes it when the last holder closes it\n');
});

test('a selection: every device is tried, and the first failure sets the exit status', async (t) => {
  const world = { devices: all, refusals: { DM_DEV_REMOVE: 'EBUSY' } };
  const { requests, status, stderr } = await runIn(world, 'remove', '-S', 'open<1');
  t.is(status, 4);
  t.is(stderr.match(/^dmts: EBUSY/gm)?.length, 2);
  t.is(requests.filter(({ command }) => command.name === 'DM_DEV_REMOVE').length, 2);
});

test('global options before the command, and unique prefixes of options', async (t) => {
  for (const words of [
    ['--nofl', '--nolock', 'suspend', 'vol'],
    ['-j', '253', '--mino=0', 'suspend', '--nofl', '--nolockfs'],
    ['-u', 'U-1', '--nof', 'suspend', '--nol'],
  ]) {
    const { requests, stderr } = await runIn({ devices: [vol] }, ...words);
    const suspend = requests.find(({ command }) => command.name === 'DM_DEV_SUSPEND');
    t.is(suspend?.header.flags, SUSPEND | NOFLUSH | SKIP_LOCKFS, stderr);
  }
  t.is((await runIn({ devices: [vol] }, 'suspend', '--no', 'vol')).status, 2);
});

const asked = { devices: [vol], isTTY: true };

test('remove_all on a terminal lists the devices, and removes them only after a yes', async (t) => {
  for (const stdin of ['\n', 'n\n', 'yesterday\n', '']) {
    const { requests, status, stderr } = await runIn({ ...asked, stdin }, 'remove_all');
    t.is(status, 1);
    t.regex(
      stderr,
      /^This removes 1 device: vol\nContinue\? \[y\/N\] dmts: nothing was removed\n$/,
    );
    t.false(requests.some(({ command }) => command.name === 'DM_REMOVE_ALL'));
  }
  for (const stdin of ['y\n', 'YES\n']) {
    const { requests, status, stderr } = await runIn({ ...asked, stdin }, 'remove_all');
    t.is(status, 0);
    t.regex(stderr, /in use and not removed: vol\n$/);
    t.true(requests.some(({ command }) => command.name === 'DM_REMOVE_ALL'));
  }
});

test('a notice precedes the read of a table from a terminal', async (t) => {
  const { stderr, status } = await runIn(
    { devices: [vol], isTTY: true, stdin: '0 8 zero\n' },
    'create',
    'vol',
  );
  t.is(status, 0);
  t.is(stderr, 'dmts: reading the table from the terminal; Ctrl-D ends it\n');
});
