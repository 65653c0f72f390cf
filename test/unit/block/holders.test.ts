// The tests on a real kernel are in test/kernel/ioctl/holders.test.ts.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readlink, stat } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { ifSeen } from '../../../src/block/holder-places.ts';
import { findHolders, formatHolder, type Holder, holdersHint } from '../../../src/block/holders.ts';
import { makeDev } from '../../../src/dm/wire/device-number.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { machineTree, type Tree } from '../../support/thin/machine-tree.ts';

const SDB = makeDev(8, 16);
const DEVICES = { sdb: '8:16', sdb1: '8:17', sdc: '8:32' };

const mountLine = (id: number, dev: string, path: string, source: string): string =>
  `${id} 1 ${dev} / ${path} rw,relatime shared:1 - ext4 ${source} rw\n`;

/** A process with these files, by default in namespace 1. */
const process_ = (pid: number, files: Tree): Tree =>
  Object.fromEntries(
    Object.entries({ comm: `cmd${pid}\n`, 'ns/mnt': '-> mnt:[1]', mountinfo: '', ...files }).map(
      ([name, text]) => [`proc/${pid}/${name}`, text],
    ),
  );
const SELF: Tree = { 'proc/self': '-> 50', ...process_(50, {}) };

const ROWS: readonly (readonly [title: string, tree: Tree, holders: readonly Holder[]])[] = [
  ['an empty machine', {}, []],
  ['no holder', { ...SELF, ...process_(7, { 'fd/3': '-> /dev/sdc' }) }, []],
  [
    'a mapped device on top, and another device',
    {
      'sys/dev/block/8:16/holders/dm-3': '',
      'sys/dev/block/8:16/holders/md0': '',
      'sys/class/block/dm-3/dm/name': 'pool-tdata\n',
    },
    [
      { kind: 'device', name: 'dm-3', mapperName: 'pool-tdata' },
      { kind: 'device', name: 'md0', mapperName: undefined },
    ],
  ],
  [
    'a device on a partition, and a mount of a partition',
    {
      'proc/self': '-> 50',
      ...process_(50, { mountinfo: mountLine(30, '8:17', '/mnt', '/dev/sdb1') }),
      'sys/dev/block/8:16/sdb1/partition': '1\n',
      'sys/dev/block/8:16/sdb1/dev': '8:17\n',
      'sys/dev/block/8:16/queue/dev': '8:32\n',
      'sys/dev/block/8:17/holders/dm-0': '',
      'sys/dev/block/8:32/holders/dm-1': '',
    },
    [
      { kind: 'device', name: 'dm-0', mapperName: undefined },
      { kind: 'mount', path: '/mnt', pid: 50, command: 'cmd50', ownNamespace: true },
    ],
  ],
  [
    'a mount in each of two namespaces, listed once',
    {
      'proc/self': '-> 50',
      ...process_(7, { mountinfo: mountLine(30, '8:16', '/mnt/a', '/dev/sdb') }),
      ...process_(50, { mountinfo: mountLine(30, '8:16', '/mnt/a', '/dev/sdb') }),
      ...process_(60, {
        'ns/mnt': '-> mnt:[2]',
        mountinfo: mountLine(40, '8:32', '/', '/dev/sdc') + mountLine(41, '8:16', '/a\\040b', 'x'),
      }),
      ...process_(61, { 'ns/mnt': '-> mnt:[2]', mountinfo: 'not read again' }),
    },
    [
      { kind: 'mount', path: '/mnt/a', pid: 50, command: 'cmd50', ownNamespace: true },
      { kind: 'mount', path: '/a b', pid: 60, command: 'cmd60', ownNamespace: false },
    ],
  ],
  [
    'a device mounted at two paths, and twice at one',
    process_(7, {
      mountinfo: [1, 2, 3].map((id) => mountLine(id, '8:16', `/m${id % 2}`, 'x')).join(''),
    }),
    [
      { kind: 'mount', path: '/m1', pid: 7, command: 'cmd7', ownNamespace: false },
      { kind: 'mount', path: '/m0', pid: 7, command: 'cmd7', ownNamespace: false },
    ],
  ],
  [
    'btrfs, which is identified by its source',
    process_(7, {
      mountinfo: mountLine(1, '0:45', '/a', '/dev/sdb') + mountLine(2, '0:46', '/b', '/dev/sdc'),
    }),
    [{ kind: 'mount', path: '/a', pid: 7, command: 'cmd7', ownNamespace: false }],
  ],
  [
    'unreadable processes in one namespace',
    {
      'proc/7/mountinfo': mountLine(1, '8:16', '/a', 'x'),
      'proc/8/mountinfo': mountLine(1, '8:16', '/a', 'x'),
      'proc/9/mountinfo': mountLine(2, '8:16', '/a', 'x'),
    },
    [
      { kind: 'mount', path: '/a', pid: 7, command: '?', ownNamespace: false },
      { kind: 'mount', path: '/a', pid: 9, command: '?', ownNamespace: false },
    ],
  ],
  ...['MainThread', 'node-MainThread'].map(
    (comm) =>
      [
        `a process that Node has named ${comm}`,
        process_(7, { comm: `${comm}\n`, exe: '-> /usr/bin/node', 'fd/3': '-> /dev/sdb' }),
        [{ kind: 'process', pid: 7, command: 'node', descriptor: 3 }],
      ] as const,
  ),
  [
    'a process named MainThread by Node, with an unreadable program',
    process_(7, { comm: 'MainThread\n', 'fd/3': '-> /dev/sdb' }),
    [{ kind: 'process', pid: 7, command: 'MainThread', descriptor: 3 }],
  ],
  [
    'open descriptors',
    {
      ...process_(7, {
        comm: 'a\x1b[2J\n',
        'fd/3': '-> /dev/sdb',
        'fd/4': '-> socket:[1]',
        'fd/11': '-> /dev/sdb',
        'fd/12': '-> /dev/gone',
      }),
      ...process_(8, { 'fd/0': '-> /dev/sdc' }),
      'proc/meminfo': '',
    },
    [
      { kind: 'process', pid: 7, command: 'a?[2J', descriptor: 3 },
      { kind: 'process', pid: 7, command: 'a?[2J', descriptor: 11 },
    ],
  ],
  [
    'swap',
    {
      'proc/swaps':
        'Filename Type Size Used Priority\n/dev/sdc partition 1 0 -1\n/dev/sdb partition 1 0 -2\n',
    },
    [{ kind: 'swap', path: '/dev/sdb' }],
  ],
  [
    'a loop device',
    {
      'sys/block/loop0/loop/backing_file': '/dev/sdb\n',
      'sys/block/loop1/loop/backing_file': '/var/disk\n',
      'sys/block/loop2/size': '0\n',
      'sys/block/sdb/loop/backing_file': '/dev/sdb\n',
    },
    [{ kind: 'loop', name: 'loop0' }],
  ],
];

for (const [title, tree, holders] of ROWS) {
  test(`the holders found: ${title}`, async (t) => {
    t.deepEqual(await findHolders(SDB, machineTree(t, tree, DEVICES)), holders);
  });
}

test('an unexpected error is thrown', async (t) => {
  const places = machineTree(t, { 'proc/7/fd/3': '-> /dev/sdb' }, DEVICES);
  const blockDeviceAt = async (): Promise<never> => {
    throw new RangeError('a mistake');
  };
  await t.throwsAsync(findHolders(SDB, { ...places, blockDeviceAt }), { instanceOf: RangeError });
});

const REFUSALS = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR', 'ENOTCONN', 'EMFILE', 'EIO'];
// The first is readlink(2)'s errno for a path of more than 4096 bytes, which once ended the search.
for (const code of ['ENAMETOOLONG', ...REFUSALS]) {
  test(`a file that fails with ${code} is skipped`, async (t) => {
    t.is(await ifSeen(Promise.reject(Object.assign(new Error(code), { code }))), undefined);
  });
}

test('a descriptor of this process; a character device with the same number is another device', async (t) => {
  const fd = openSync('/dev/null', 'r');
  t.teardown(() => closeSync(fd));
  const ours = ({ kind, ...holder }: Holder): boolean =>
    kind === 'process' &&
    'descriptor' in holder &&
    holder.pid === process.pid &&
    holder.descriptor === fd;
  const number = makeDev(1, 3);
  t.false((await findHolders(number)).some(ours));

  const blockDeviceAt = async (path: string): Promise<bigint> =>
    (await stat(path, { bigint: true })).rdev;
  const found = await findHolders(number, { procDir: '/proc', blockDeviceAt: seen(blockDeviceAt) });
  t.true(found.some(ours));
});

/** Open and close descriptors during the search. */
const seen =
  (at: (path: string) => Promise<bigint>) =>
  (path: string): Promise<bigint | undefined> =>
    at(path).catch(() => undefined);

const WORDS: readonly (readonly [Holder, string])[] = [
  [{ kind: 'device', name: 'dm-3', mapperName: 'vg-pool' }, 'below device vg-pool (dm-3)'],
  [{ kind: 'device', name: 'md0', mapperName: undefined }, 'below device md0'],
  [
    { kind: 'mount', path: '/mnt/x', pid: 123, command: 'bash', ownNamespace: false },
    'mounted on /mnt/x by pid 123 (bash), in another mount namespace',
  ],
  [
    { kind: 'mount', path: '/mnt/x', pid: 123, command: 'bash', ownNamespace: true },
    'mounted on /mnt/x',
  ],
  [
    { kind: 'process', pid: 123, command: 'dd', descriptor: 4 },
    'open in pid 123 (dd) as descriptor 4',
  ],
  [{ kind: 'swap', path: '/dev/dm-1' }, 'swap space, as /dev/dm-1'],
  [{ kind: 'loop', name: 'loop3' }, 'the backing file of loop3'],
];

for (const [holder, words] of WORDS) {
  test(`as text: ${words}`, (t) => {
    t.is(formatHolder(holder), words);
  });
}

test('the hint of an error names several holders, or says that none was found', async (t) => {
  const several = {
    'sys/block/loop3/loop/backing_file': '/dev/sdb\n',
    'proc/swaps': 'Filename Type Size Used Priority\n/dev/sdb partition 1 0 -2\n',
  };
  t.is(
    await holdersHint(SDB, machineTree(t, several, DEVICES)),
    'It is swap space, as /dev/sdb; the backing file of loop3',
  );
  const none = /^No holder was found: a process that has just ended/;
  t.regex(await holdersHint(SDB, machineTree(t, {}, DEVICES)), none);
  t.regex(await holdersHint(undefined), none);
});

test('the hint never throws, whatever error ends the search', async (t) => {
  const places = machineTree(t, { 'proc/7/fd/3': '-> /dev/sdb' }, DEVICES);
  const blockDeviceAt = async (): Promise<never> => {
    throw new RangeError('a mistake');
  };
  t.regex(
    await holdersHint(SDB, { ...places, blockDeviceAt }),
    /^The search for its holders failed/,
  );
});

test('a file of another process at a path of more than 4096 bytes does not end the search', async (t) => {
  const long = await heldBelow(t, 20);
  t.true(long > 4096);
  const fd = openSync('/dev/null', 'r');
  t.teardown(() => closeSync(fd));
  // 1:3 is the number of a character device, which represents the device here.
  const blockDeviceAt = async (path: string): Promise<bigint> =>
    (await stat(path, { bigint: true })).rdev;
  const found = await findHolders(makeDev(1, 3), {
    blockDeviceAt: seen(blockDeviceAt),
  });
  t.true(found.some((holder) => holder.kind === 'process' && holder.pid === process.pid));
});

/** Start a process that opens a file `depth` directories of 250 letters down. @returns the length of its path */
async function heldBelow(t: ExecutionContext, depth: number): Promise<number> {
  const top = tempDir(t);
  const script = `for i in $(seq ${depth}); do mkdir ${'d'.repeat(250)}; cd -P ${'d'.repeat(250)} || exit 1; done; exec 9>f; echo held; read end`;
  const child = spawn('sh', ['-c', script], { cwd: top, stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(async () => {
    const ended = once(child, 'close');
    child.stdin.end();
    await ended;
    execFileSync('rm', ['-rf', top]);
  });
  const [said] = await once(child.stdout, 'data');
  t.is(String(said), 'held\n');
  await t.throwsAsync(readlink(`/proc/${child.pid}/fd/9`), { code: 'ENAMETOOLONG' });
  return top.length + depth * 251 + 2;
}
