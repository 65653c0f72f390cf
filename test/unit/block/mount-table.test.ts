import { readFileSync } from 'node:fs';
import test from 'ava';
import { parseMountInfo, parseSwaps } from '../../../src/block/mount-table.ts';

const MOUNTS = [
  [
    '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue',
    { dev: '98:0', path: '/mnt2', source: '/dev/root' },
  ],
  [
    '24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,mode=755',
    { dev: '0:6', path: '/dev', source: 'devtmpfs' },
  ],
  [
    '90 24 253:4 / /mnt/a\\040b\\134c rw shared:1 master:2 propagate_from:3 - xfs /dev/mapper/x rw',
    { dev: '253:4', path: '/mnt/a b\\c', source: '/dev/mapper/x' },
  ],
  // The source is empty.
  ['91 24 0:50 / /mnt rw - tmpfs  rw', { dev: '0:50', path: '/mnt', source: '' }],
  [
    '92 24 0:51 / /a-b rw - fuse.x a\\040-\\040b rw',
    { dev: '0:51', path: '/a-b', source: 'a - b' },
  ],
] as const;

for (const [line, entry] of MOUNTS) {
  test(`mount: ${line}`, (t) => {
    t.deepEqual(parseMountInfo(`${line}\n`), [entry]);
  });
}

for (const line of [
  '',
  'x',
  '36 35 98 / / rw - ext4 /dev/a rw',
  '36 35 98:0 / / rw ext4 /dev/a rw',
]) {
  test(`not a mount: ${JSON.stringify(line)}`, (t) => {
    t.deepEqual(parseMountInfo(`${line}\n`), []);
  });
}

test('every mount of this process is parsed', (t) => {
  const text = readFileSync('/proc/self/mountinfo', 'utf8');
  t.is(parseMountInfo(text).length, text.trimEnd().split('\n').length);
});

test('swap on devices, but not in files', (t) => {
  const text = [
    'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority',
    '/dev/dm-1                               partition\t1048572\t\t0\t\t-2',
    '/swap\\040file                            file\t\t524284\t\t0\t\t-3',
    '/dev/a\\040b                              partition\t4092\t\t0\t\t-4',
    '',
  ].join('\n');
  t.deepEqual(parseSwaps(text), ['/dev/dm-1', '/dev/a b']);
  t.deepEqual(parseSwaps(''), []);
});
