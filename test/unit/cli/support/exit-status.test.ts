// The exit status of each kind of failure, and its message on stderr.

import test from 'ava';
import {
  complain,
  exitStatusOf,
  Interrupted,
  UsageError,
} from '../../../../src/cli/support/exit-status.ts';
import type { Io } from '../../../../src/cli/support/io.ts';
import { DmError, InputError, ReplyError } from '../../../../src/dm/wire/errors.ts';
import { errnoNumber } from '../../../../src/ioctl/libc/errno.ts';
import { UnavailableError } from '../../../../src/ioctl/libc/unavailable.ts';
import { PoolError, type PoolErrorCode } from '../../../../src/thin/live/errors.ts';
import { all, vol } from '../../../support/cli/devices.ts';
import { runIn, type World } from '../../../support/cli/in-process.ts';

const refused = (code: string, command?: string): DmError =>
  new DmError({ errno: errnoNumber(code), command, device: 'vol' });

const poolError = (code: PoolErrorCode): PoolError =>
  new PoolError({ code, pool: 'tank', problem: 'no' });

const statuses: readonly (readonly [what: string, error: unknown, status: number])[] = [
  ['a wrong command line', new UsageError('no'), 2],
  ['rejected input', new InputError({ field: 'name', expected: 'another' }), 2],
  ['kernel text that cannot be parsed', new ReplyError('no', { device: 'vol' }), 1],
  ['ENXIO', refused('ENXIO', 'DM_DEV_STATUS'), 3],
  ['ENXIO from a create, which has another meaning', refused('ENXIO', 'DM_DEV_CREATE'), 1],
  ['EBUSY', refused('EBUSY', 'DM_DEV_REMOVE'), 4],
  ['EACCES', refused('EACCES', 'DM_DEV_CREATE'), 5],
  ['EPERM', refused('EPERM', 'DM_TARGET_MSG'), 5],
  ['EINVAL', refused('EINVAL', 'DM_TABLE_LOAD'), 1],
  ['ENOENT from a table load', refused('ENOENT', 'DM_TABLE_LOAD'), 1],
  ['ENOENT at the open', refused('ENOENT'), 6],
  ['ENODEV at the open', refused('ENODEV'), 6],
  ['ENXIO at the open', refused('ENXIO'), 6],
  ['EACCES at the open', refused('EACCES'), 5],
  ['EPERM at the open', refused('EPERM'), 5],
  ['EMFILE at the open', refused('EMFILE'), 1],
  ['EACCES from Node', Object.assign(new Error('EACCES'), { code: 'EACCES' }), 5],
  ['no such pool', poolError('ERR_POOL_NOT_ACTIVE'), 3],
  ['no such thin device', poolError('ERR_THIN_MISSING'), 3],
  ['a pool in use', poolError('ERR_POOL_BUSY'), 4],
  ['a suspended pool', poolError('ERR_POOL_SUSPENDED'), 4],
  ['a thin device in use', poolError('ERR_THIN_BUSY'), 4],
  ['an active thin device', poolError('ERR_THIN_ACTIVE'), 4],
  ['an id in use', poolError('ERR_THIN_EXISTS'), 4],
  ['an invalid size', poolError('ERR_POOL_SIZE'), 1],
  ['a device that holds data', poolError('ERR_POOL_NOT_BLANK'), 1],
  ['a full pool', poolError('ERR_POOL_FULL'), 1],
  ['an unsupported system', new UnavailableError('no'), 1],
  ['a Ctrl-C', new Interrupted(130), 130],
  ['anything else', new Error('?'), 1],
  ['a thrown value that is not an error', undefined, 1],
];

for (const [what, error, status] of statuses) {
  test(`${what}: ${status}`, (t) => t.is(exitStatusOf(error), status));
}

type Row = readonly [argv: string, status: number, said: RegExp, world?: World];
const devices = [vol];
const rows: readonly Row[] = [
  [
    'info no-such',
    3,
    /^dmts: ENXIO: .*'no-such'\. No device has this name, uuid or number: "dmts ls" lists/,
  ],
  ['info /no/such/node', 3, /^dmts: \/no\/such\/node does not exist/],
  ['info /dev/null', 2, /^dmts: \/dev\/null is not a block device/],
  ['info /etc', 2, /^dmts: \/etc is not a block device/],
  [
    'remove vol',
    4,
    /^dmts: EBUSY: .*It is open/,
    { devices, refusals: { DM_DEV_REMOVE: 'EBUSY' } },
  ],
  ['suspend vol', 5, /^dmts: EACCES/, { devices, refusals: { DM_DEV_SUSPEND: 'EACCES' } }],
  ['create x --table 0,8,zero', 2, /^dmts: line 1: expected START LENGTH TYPE PARAMS/],
  ['create x', 2, /^dmts: the table is empty/],
  ['create x', 2, /^dmts: table\[1\]\.start: expected 8/, { stdin: '0 8 zero\n9 8 zero\n' }],
  ['create x /no/such/file', 1, /^dmts: ENOENT/],
  ['create x --table a --notable', 2, /mutually exclusive/],
  ['create x file --table a', 2, /--table excludes the file/],
  ['create x/y --notable', 2, /^dmts: name: expected a name without "\/"/],
  ['create x --notable --minor -1', 2, /^dmts: invalid --minor: expected a whole number/],
  ['create', 2, /^dmts: missing NAME of the new device/],
  ['info --major 8', 2, /together/],
  ['info --major 8 --minor 0 --uuid u', 2, /--uuid excludes --major/],
  ['info vol --uuid u', 2, /^dmts: unexpected argument "vol"/],
  ['suspend', 2, /^dmts: missing NAME of the device/],
  ['rename vol', 2, /^dmts: expected NAME and the new name/],
  ['rename vol a b', 2, /^dmts: expected NAME and the new name/],
  ['reload vol a b', 2, /^dmts: unexpected argument "b"/],
  ['wait vol x', 2, /^dmts: invalid EVENT_NR: expected a whole number/],
  ['wait vol 4294967296', 2, /^dmts: invalid EVENT_NR: expected a whole number/],
  ['wait vol 0x10', 2, /^dmts: invalid EVENT_NR: expected a whole number/],
  ['message vol zero word', 2, /^dmts: expected NAME SECTOR WORD/],
  ['message vol 0', 2, /^dmts: expected NAME SECTOR WORD/],
  ['remove_all', 2, /add --yes/],
  [
    'stats create vol',
    2,
    /^dmts: no "stats create" in dmts: use "dmsetup stats create", or "dmts m/,
  ],
  ['stats report', 2, /use "dmsetup stats report", or .*@stats_print/],
  ['stats', 2, /^dmts: no "stats" in dmts: use "dmsetup stats"\n$/],
  ['udevcreatecookie', 2, /^dmts: no "udevcreatecookie" in dmts: dmts waits for udev by itself/],
  ['udevcomplete_all 5', 2, /use dmsetup's; "dmts udevcookies" lists/],
  ['vdostats', 2, /^dmts: no "vdostats" in dmts/],
  ['help stauts', 2, /^dmts: unknown command 'stauts'/],
  ['help pool nosuch', 2, /^dmts: unknown command 'nosuch'\n"dmts pool --help" lists its commands/],
  ['pool help nosuch', 2, /^dmts: unknown command 'nosuch'\n"dmts pool --help" lists its commands/],
  [
    'thin nosuch --help',
    2,
    /^dmts: unknown command 'nosuch'\n"dmts thin --help" lists its commands/,
  ],
  ['info -o name', 2, /^dmts: -o needs -c/],
  ['info -S nosuch=1', 2, /^dmts: invalid field: expected one of name, .* got "nosuch"/],
  ['info -S open=x', 2, /^dmts: invalid --select: open=: expected a number, got "x"/],
  ['info -S open=~1', 2, /expected an operator for numbers/],
  ['info -S name>1', 2, /expected an operator for strings/],
  ['info -S name=~*', 2, /^dmts: invalid --select: name: Invalid regular expression/],
  ['info -S (name=a', 2, /^dmts: invalid --select: expected FIELD OPERATOR VALUE/],
  ['remove -S', 2, /argument missing/],
  ['info --udevcookie x', 2, /^dmts: invalid --udevcookie: expected a number, got "x"/],
  ['info --manglename x', 2, /Allowed choices are auto, hex, none/],
  ['mknodes no-such', 3, /^dmts: ENXIO/],
  ['create x --notable --mode 600', 2, /--mode, --uid, --gid and --readahead need a table/],
  [
    'create x --mode 9 --table a',
    2,
    /^dmts: invalid --mode: expected an octal number up to 7777, got "9"/,
  ],
  ['resume vol --readahead -1', 2, /^dmts: invalid --readahead/],
  ['setgeometry vol 1 2 3', 2, /^dmts: expected NAME CYLINDERS HEADS SECTORS START/],
  ['ls -o nosuch', 2, /^dmts: invalid -o: expected one of devno/],
  ['ls --tree -o nosuch', 2, /^dmts: invalid -o: expected some of ascii/],
  [
    'ls',
    2,
    /^dmts: invalid DM_DEFAULT_NAME_MANGLING_MODE/,
    { env: { DM_DEFAULT_NAME_MANGLING_MODE: 'x' } },
  ],
];

for (const [argv, status, said, world = { devices }] of rows) {
  test(`dmts ${argv} (${said.source}): ${status}`, async (t) => {
    const outcome = await runIn(world, ...argv.split(' '));
    t.is(outcome.status, status, outcome.stderr);
    t.regex(outcome.stderr, said);
    t.is(outcome.stdout, '');
    t.notRegex(outcome.stderr, /\n\s+at /, 'no stack');
    t.true(outcome.stderr.trimEnd().split('\n').length <= 3, 'a few lines');
  });
}

test('several devices: the first failure ends the command, and stdout stays empty', async (t) => {
  const { status, stdout } = await runIn({ devices: all }, 'info', 'vol', 'no-such', '--json');
  t.deepEqual([status, stdout], [3, '']);
});

test('DEBUG adds the stack', async (t) => {
  const { stderr } = await runIn({ env: { DEBUG: 'dmts:*' } }, 'info', 'no-such');
  t.regex(stderr, /\n\s+at /);
});

test('an abort: a message about the state, and exit status 130', async (t) => {
  const abort = new AbortController();
  abort.abort(new Interrupted(130));
  const { status, stderr } = await runIn({ devices, signal: abort.signal }, 'suspend', 'vol');
  t.deepEqual([status, stderr], [130, 'dmts: interrupted: the device is not suspended\n']);
});

test('an unsupported system is reported, but not as a bug of dmts', (t) => {
  let said = '';
  const stderr = { write: (text: string) => (said += text) };
  complain(new UnavailableError('cannot call ioctl: no'), { stderr, env: {} } as unknown as Io);
  t.is(said, 'dmts: cannot call ioctl: no\n');
});
