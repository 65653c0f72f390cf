// The stable interface for scripts: the keys of every JSON document, and the form of numbers and secrets.

import test from 'ava';
import { commands } from '../../../../src/cli/commands.ts';
import { toJson } from '../../../../src/cli/support/json.ts';
import { all, empty, KEY, vol } from '../../../support/cli/devices.ts';
import { runIn } from '../../../support/cli/in-process.ts';

const IDENTITY = {
  name: 'vol',
  mangledName: 'vol',
  uuid: 'U-1',
  dev: '253:0',
  major: 253,
  minor: 0,
  path: '/dev/dm-0',
  eventNr: 7,
};
const DEVICE = {
  ...IDENTITY,
  openCount: 2,
  targetCount: 2,
  suspended: false,
  readOnly: true,
  live: true,
  inactive: false,
  deferredRemove: false,
  internallySuspended: false,
};
const TARGETS = [
  { start: 0, length: 2048, type: 'linear', params: '8:0 0' },
  { start: 2048, length: 8, type: 'error', params: '' },
];
const DEPENDENCIES = [
  { dev: '8:0', major: 8, minor: 0 },
  { dev: '259:300', major: 259, minor: 300 },
];

const TREE = DEPENDENCIES.map((dev) => ({ name: '', ...dev, dependencies: [] }));

const rows: readonly (readonly [argv: string, document: unknown, stdin?: string])[] = [
  ['ls', [IDENTITY]],
  ['ls --tree', [{ name: 'vol', dev: '253:0', major: 253, minor: 0, dependencies: TREE }]],
  ['status vol --target error', { ...DEVICE, targets: TARGETS.slice(1) }],
  ['create --concise', [DEVICE], 'vol,,,,0 8 zero'],
  ['info vol', { ...DEVICE, readAhead: null }],
  ['info', [{ ...DEVICE, readAhead: null }]],
  ['status vol', { ...DEVICE, targets: TARGETS }],
  ['table', [{ ...DEVICE, targets: TARGETS }]],
  ['deps vol', { ...DEVICE, dependencies: DEPENDENCIES }],
  ['create vol --notable', DEVICE],
  ['create vol', DEVICE, '0 8 zero'],
  ['reload vol', DEVICE, '0 8 zero'],
  ['load vol --table 0\t8\tzero', DEVICE],
  ['clear vol', DEVICE],
  ['suspend vol', DEVICE],
  ['resume vol', DEVICE],
  ['resume vol vol', [DEVICE, DEVICE]],
  ['rename vol other', DEVICE],
  ['rename vol --setuuid U-2', DEVICE],
  ['mangle', [IDENTITY]],
  ['remove vol', DEVICE],
  ['wipe_table vol', DEVICE],
  ['setgeometry vol 1 2 3 0', DEVICE],
  ['measure vol', { ...DEVICE, targets: TARGETS }],
  ['suspend -S name=vol', [DEVICE]],
  ['remove_all --yes', [IDENTITY]],
  ['wait vol', { ...DEVICE, targets: TARGETS }],
  ['mknodes', [IDENTITY]],
];

for (const [argv, document, stdin = ''] of rows) {
  test(`dmts ${argv} --json`, async (t) => {
    const [verb, ...words] = argv.split(' ');
    const { stdout, status, stderr } = await runIn(
      { devices: [vol], stdin },
      verb!,
      '--json',
      ...words,
    );
    t.is(status, 0, stderr);
    t.deepEqual(JSON.parse(stdout), document);
  });
}

test('the table has every command', (t) => {
  const tested = new Set(rows.map(([argv]) => argv.split(' ')[0]));
  const elsewhere = [
    'version',
    'targets',
    'target-version',
    'message',
    'watch',
    'splitname',
    'udevcookies',
    'completion',
    // Groups have separate tests.
    'pool',
    'thin',
    'storage',
    'volume',
  ];
  for (const name of commands.keys()) t.true(tested.has(name) || elsewhere.includes(name), name);
});

test('version and message', async (t) => {
  t.like(JSON.parse((await runIn({}, 'version', '--json')).stdout), { driver: '4.50.0' });
  const message = await runIn({ devices: [vol] }, 'message', '--json', 'vol', '0', 'hello');
  t.deepEqual(JSON.parse(message.stdout), { response: null });
});

test('without devices the output is an empty list, not text', async (t) => {
  for (const verb of ['ls', 'info', 'status', 'table', 'deps']) {
    t.deepEqual(JSON.parse((await runIn({}, verb, '--json')).stdout), [], verb);
  }
});

test('keys are hidden by default, and a length beyond 2^53 is a string', async (t) => {
  const hidden = await runIn({ devices: all }, 'table', '--json');
  t.false(hidden.stdout.includes(KEY));
  t.true(hidden.stdout.includes('"1152921504606846976"'));
  t.true((await runIn({ devices: all }, 'table', '--json', '--showkeys')).stdout.includes(KEY));
});

test('numbers are JSON numbers where that is exact; no key is ever missing', (t) => {
  t.is(toJson(2n ** 53n - 1n), '9007199254740991');
  t.is(toJson(2n ** 53n), '"9007199254740992"');
  t.is(toJson(-(2n ** 53n)), '"-9007199254740992"');
  t.deepEqual(JSON.parse(toJson({ uuid: undefined })), { uuid: null });
});

test('a device without a uuid still has the key', async (t) => {
  const { stdout } = await runIn({ devices: [empty] }, 'info', 'empty', '--json');
  t.is((JSON.parse(stdout) as { readonly uuid: unknown }).uuid, null);
});
