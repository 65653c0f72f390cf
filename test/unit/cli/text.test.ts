// The text of every query, in the format of dmsetup. test/kernel/cli/dmsetup.test.ts compares both on a real kernel.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { all, empty, KEY, vol } from '../../support/cli/devices.ts';
import { runIn, type World } from '../../support/cli/in-process.ts';
import { tempDir } from '../../support/temp-dir.ts';

const ZEROS = '0'.repeat(KEY.length);
const CRYPT = '0 1152921504606846976 crypt aes-xts-plain64';

const ATTRIBUTES = 'a b [SUSPENDED, RW, 0, ]\nempty [ACTIVE, RW, 0, ]\nvol [ACTIVE, RO, 2, U-1]\n';
const INVERTED = 'a b (253:1)\nempty (253:2)\n (8:0)\n `-vol (253:0)\n (259:300)\n `-vol (253:0)\n';
const TREE = 'a b (253:1)\nempty (253:2)\nvol (253:0)\n ├─ (8:0)\n └─ (259:300)\n';

const rows: readonly (readonly [argv: string, stdout: string, world?: World])[] = [
  ['ls', 'No devices found\n', {}],
  ['info', 'No devices found\n', {}],
  ['status', 'No devices found\n', {}],
  ['table', 'No devices found\n', {}],
  ['deps', 'No devices found\n', {}],
  ['ls', 'a b\t(253:1)\nempty\t(253:2)\nvol\t(253:0)\n'],
  ['table vol', '0 2048 linear 8:0 0\n2048 8 error \n'],
  ['status vol', '0 2048 linear 8:0 0\n2048 8 error \n'],
  ['table -u U-1', '0 2048 linear 8:0 0\n2048 8 error \n'],
  ['table --major 253 --minor 0', '0 2048 linear 8:0 0\n2048 8 error \n'],
  ['table empty', '\n'],
  ['table empty vol', 'empty: \nvol: 0 2048 linear 8:0 0\nvol: 2048 8 error \n'],
  [
    'table',
    `a b: ${CRYPT} ${ZEROS} 0 8:0 0\nempty: \nvol: 0 2048 linear 8:0 0\nvol: 2048 8 error \n`,
  ],
  [
    'table --showkeys',
    `a b: ${CRYPT} ${KEY} 0 8:0 0\nempty: \nvol: 0 2048 linear 8:0 0\nvol: 2048 8 error \n`,
  ],
  ['table vol --target error', '2048 8 error \n'],
  ['status vol --target zero', ''],
  ['table --concise vol empty', 'vol,U-1,0,ro,0 2048 linear 8:0 0,2048 8 error ;empty,,2,rw\n'],
  ['table --concise vol', 'vol,U-1,0,ro,0 2048 linear 8:0 0,2048 8 error \n'],
  ['ls --tree', 'a b (253:1)\nempty (253:2)\nvol (253:0)\n |- (8:0)\n `- (259:300)\n'],
  ['ls --tree', TREE, { devices: all, env: { LANG: 'en_US.UTF-8' } }],
  ['ls --tree', TREE, { devices: all, env: { LC_CTYPE: 'C.utf8', LANG: 'C' } }],
  ['ls --tree -o utf', TREE, { devices: all, env: { LC_ALL: 'C', LANG: 'C.UTF-8' } }],
  ['splitname vg-lv', 'VG   LV   LVLayer\nvg   lv          \n', {}],
  ['splitname vg--a-lv-real --noheadings --separator :', 'vg-a:lv:real\n', {}],
  [
    'splitname vg-lv --nameprefixes',
    "VG LV LVLayer\nDM_VG_NAME='vg' DM_LV_NAME='lv' DM_LV_LAYER=''\n",
    {},
  ],
  [
    'info -c',
    'Name             Maj Min Stat Open Targ Event  UUID                            \n' +
      'a b              253   1 LIsw    0    1      0                                 \n' +
      'empty            253   2 ---w    0    0      0                                 \n' +
      'vol              253   0 L--r    2    2      7 U-1                             \n',
  ],
  ['info -c -o name,open -O -open,name --noheadings --separator ,', 'vol,2\na b,0\nempty,0\n'],
  ['info -c -o name,open --noheadings', 'a b:0\nempty:0\nvol:2\n'],
  ['info -co name --noheadings', 'a b\nempty\nvol\n'],
  ['-C --noheadings --options name info', 'a b\nempty\nvol\n'],
  ['info -c --noh --fields name', 'a b\nempty\nvol\n'],
  ['info -c --noheadings -o name -j 253 -m 0', 'vol\n'],
  ['-j 253 -m 0 --sep=/ -co name,minor --noheadings info', 'vol/0\n'],
  ['info -c --nameprefixes -o name,open vol', "Name Open\nDM_NAME='vol' DM_OPEN='2'\n"],
  ['info -c --nameprefixes --unquoted --noheadings -o name,open vol', 'DM_NAME=vol:DM_OPEN=2\n'],
  ['info -c --rows -o name,open', 'Name a b empty vol\nOpen 0 0 2\n'],
  ['info -c --noheadings -o subsystem,uuid vol', 'U:U-1\n'],
  ['info -c --noheadings -o name -S open>1', 'vol\n'],
  ['info -c --noheadings -o name -S name=~^[ev]&&open=0', 'empty\n'],
  ['info -c --noheadings -o name -S name=vol||name=empty', 'empty\nvol\n'],
  ['info -c --noheadings -o name -S !(uuid="U-1")', 'a b\nempty\n'],
  ["info -c --noheadings -o name -S name='a b'", 'a b\n'],
  ['table -S name=vol', 'vol: 0 2048 linear 8:0 0\nvol: 2048 8 error \n'],
  ['table -S name=nosuch', ''],
  ['ls --target linear', 'vol\t(253, 0)\n'],
  ['ls --target nosuch', ''],
  ['ls --tree -o active,rw,open,uuid,nodevice', ATTRIBUTES],
  ['ls --tree -o inverted,ascii', INVERTED],
  ['status --checks --noopencount --verifyudev -y -f vol', '0 2048 linear 8:0 0\n2048 8 error \n'],
  ['splitname vg-lv CRYPT -o subsystem,vg_name --noheadings', 'CRYPT:\n', {}],
  ['info vol -c -o +suspended --noheadings --separator |', 'vol|253|0|L--r|2|2|7|U-1|Active\n'],
  ['deps vol', '2 dependencies\t: (8, 0) (259, 300)\n'],
  [
    'deps',
    'a b: 0 dependencies\t:\nempty: 0 dependencies\t:\nvol: 2 dependencies\t: (8, 0) (259, 300)\n',
  ],
  [
    'info',
    `Name:              a b
State:             SUSPENDED (DEFERRED REMOVE)
Tables present:    LIVE & INACTIVE
Open count:        0
Event number:      0
Major, minor:      253, 1
Number of targets: 1

Name:              empty
State:             ACTIVE
Tables present:    None
Open count:        0
Event number:      0
Major, minor:      253, 2
Number of targets: 0

Name:              vol
State:             ACTIVE (READ-ONLY)
Tables present:    LIVE
Open count:        2
Event number:      7
Major, minor:      253, 0
Number of targets: 2
UUID: U-1

`,
  ],
];

/** Split like a shell, but only at blanks outside single quotes. */
const wordsOf = (line: string): readonly string[] => line.match(/(?:'[^']*'|\S)+/g)!;

for (const [argv, stdout, world = { devices: all }] of rows) {
  const count = world.devices?.length ?? 0;
  const locale = world.env ? `, ${JSON.stringify(world.env)}` : '';
  test(`dmts ${argv} (${count} devices${locale})`, async (t) => {
    const outcome = await runIn(world, ...wordsOf(argv));
    t.is(outcome.stdout, stdout);
    t.deepEqual([outcome.status, outcome.stderr], [0, '']);
  });
}

test('read-ahead comes from sysfs, in sectors', async (t) => {
  const sysDir = tempDir(t);
  mkdirSync(join(sysDir, 'dev/block/253:0/bdi'), { recursive: true });
  writeFileSync(join(sysDir, 'dev/block/253:0/bdi/read_ahead_kb'), '128\n');
  const { stdout } = await runIn({ devices: [empty, vol], sysDir }, 'info');
  t.regex(stdout, /READ-ONLY\)\nRead Ahead: {8}256\nTables present: {4}LIVE\n/);
  t.is(stdout.match(/Read Ahead/g)?.length, 1);
});

test('a device that is removed during the query is omitted', async (t) => {
  const { stdout, status } = await runIn(
    { devices: all, refusals: { DM_TABLE_STATUS: 'ENXIO' } },
    'table',
  );
  t.deepEqual([status, stdout], [0, 'No devices found\n']);
});

test('version has two lines, aligned as in dmsetup', async (t) => {
  const { stdout } = await runIn({}, 'version');
  t.regex(stdout, /^Library version: {3}\d+\.\d+\.\d+\S*\nDriver version: {4}4\.50\.0\n$/);
});

test('a message is sent literally, whatever its words begin with', async (t) => {
  const { stdout, requests } = await runIn({ devices: [vol] }, 'message', 'vol', '5', '@a', '-b');
  t.is(stdout, '');
  const { payload } = requests.find(({ command }) => command.name === 'DM_TARGET_MSG')!;
  t.is(payload.readBigUInt64LE(), 5n);
  t.true(payload.toString('latin1', 8).startsWith('@a -b\0'));
});
