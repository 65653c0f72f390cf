import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { setXattr } from '../../../../../src/ioctl/file/xattr.ts';
import { changes, diffSize } from '../../../../../src/storage/diff/changes.ts';
import {
  clockStep,
  copy,
  emptyLower,
  letters,
  put,
  share,
  touch,
} from '../../../../support/storage/diff/tree.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const LOWER = ['file', 'other', 'dir/a', 'dir/b', 'dir/sub/deep', 'dir-x', 'kept/k'];

/** A lower tree of a few old files, and a copy of it to change. */
function trees(t: ExecutionContext): { lower: string; upper: string } {
  const { lower, upper } = emptyLower(t);
  for (const path of LOWER) put(lower, path, `content of ${path}`);
  symlinkSync('file', join(lower, 'link'));
  for (const path of LOWER) touch(join(lower, path), 1_000_000_000);
  lutimesSync(join(lower, 'link'), 1_000_000_000, 1_000_000_000);
  copy(lower, upper);
  return { lower, upper };
}

const CASES: readonly (readonly [
  title: string,
  change: (upper: string) => unknown,
  expected: readonly string[],
])[] = [
  ['no change', () => {}, []],
  ['a file is added', (u) => put(u, 'new'), ['A /new']],
  ['a file is added in a directory', (u) => put(u, 'dir/new'), ['C /dir', 'A /dir/new']],
  ['directories are added', (u) => put(u, 'x/y/z'), ['A /x', 'A /x/y', 'A /x/y/z']],
  ['a file is rewritten', (u) => put(u, 'file', 'short'), ['C /file']],
  [
    'a file in a nested directory',
    (u) => put(u, 'dir/sub/deep', '?'),
    ['C /dir', 'C /dir/sub', 'C /dir/sub/deep'],
  ],
  ['a file is deleted', (u) => unlinkSync(join(u, 'dir/a')), ['C /dir', 'D /dir/a']],
  ['a directory is deleted', (u) => rmSync(join(u, 'dir'), { recursive: true }), ['D /dir']],
  [
    'a directory is emptied',
    (u) => rmSync(join(u, 'dir/sub/deep')),
    ['C /dir', 'C /dir/sub', 'D /dir/sub/deep'],
  ],
  [
    'a file is renamed',
    (u) => renameSync(join(u, 'file'), join(u, 'renamed')),
    ['D /file', 'A /renamed'],
  ],
  [
    'a directory is renamed',
    (u) => renameSync(join(u, 'dir/sub'), join(u, 'sub')),
    ['C /dir', 'D /dir/sub', 'A /sub', 'A /sub/deep'],
  ],
  ['the mode of a file', (u) => chmodSync(join(u, 'file'), 0o4755), ['C /file']],
  [
    'the mode of a directory',
    (u) => chmodSync(join(u, 'dir/sub'), 0o700),
    ['C /dir', 'C /dir/sub'],
  ],
  ['the owner of a file', (u) => chownSync(join(u, 'file'), 7, 0), ['C /file']],
  ['the group of a file', (u) => chownSync(join(u, 'file'), 0, 7), ['C /file']],
  ['the time of a file', (u) => touch(join(u, 'file'), 1_000_000_001), ['C /file']],
  ['the time of a file gains a fraction', (u) => touch(join(u, 'file'), 1e9 + 0.5), []],
  ['the time of a directory', (u) => touch(join(u, 'dir'), 1_000_000_001), []],
  ['the top directory', (u) => chmodSync(u, 0o711), []],
  [
    'a link gets another target',
    (u) => {
      unlinkSync(join(u, 'link'));
      symlinkSync('some', join(u, 'link'));
      lutimesSync(join(u, 'link'), 1_000_000_000, 1_000_000_000);
    },
    ['C /link'],
  ],
  [
    'a file becomes a directory',
    (u) => {
      unlinkSync(join(u, 'file'));
      put(u, 'file/in');
    },
    ['C /file', 'A /file/in'],
  ],
  [
    'a directory becomes a file',
    (u) => {
      rmSync(join(u, 'dir'), { recursive: true });
      put(u, 'dir');
    },
    ['C /dir'],
  ],
  [
    'a file becomes a link to a directory',
    (u) => {
      unlinkSync(join(u, 'file'));
      symlinkSync('dir', join(u, 'file'));
    },
    ['C /file'],
  ],
  [
    'the order is by bytes of the whole path',
    (u) => {
      put(u, 'dir/new');
      put(u, 'dir-new');
      put(u, 'dir.new');
    },
    ['C /dir', 'A /dir-new', 'A /dir.new', 'A /dir/new'],
  ],
  [
    'a file is rewritten with the same size, and its time is restored',
    (u) => {
      put(u, 'file', 'CONTENT of file');
      touch(join(u, 'file'), 1_000_000_000);
    },
    ['C /file'],
  ],
  [
    'an attribute of a file',
    (u) => setXattr(Buffer.from(`${u}/file`), 'user.x', Buffer.of(1)),
    ['C /file'],
  ],
  [
    'an attribute of a directory',
    (u) => setXattr(Buffer.from(`${u}/dir`), 'user.x', Buffer.of(0)),
    ['C /dir'],
  ],
  ['a second hard link to a file', (u) => linkSync(join(u, 'file'), join(u, 'name')), ['A /name']],
  [
    'two files become one, with the content that both had',
    (u) => {
      put(u, 'other', 'content of file');
      unlinkSync(join(u, 'other'));
      linkSync(join(u, 'file'), join(u, 'other'));
    },
    ['C /other'],
  ],
  [
    'a fifo and a device',
    (u) => execFileSync('sh', ['-c', 'mkfifo fifo && mknod null c 1 3'], { cwd: u }),
    ['A /fifo', 'A /null'],
  ],
];

for (const [title, change, expected] of CASES) {
  test(`changes: ${title}`, async (t) => {
    const { lower, upper } = trees(t);
    await change(upper);
    t.deepEqual(await letters(upper, lower), expected);
  });
}

test('without a layer below, everything is added', async (t) => {
  const { upper } = trees(t);
  t.deepEqual(await letters(upper, undefined), [
    'A /dir',
    'A /dir-x',
    'A /dir/a',
    'A /dir/b',
    'A /dir/sub',
    'A /dir/sub/deep',
    'A /file',
    'A /kept',
    'A /kept/k',
    'A /link',
    'A /other',
  ]);
  const sizes = LOWER.map((path) => BigInt(`content of ${path}`.length));
  t.is(await diffSize(upper, undefined), sizes.reduce((a, b) => a + b) + BigInt('file'.length));
});

// The suite that moby runs on every driver: 20 files, every kind of change.
test('changes: twenty files, changed as in graphtest', async (t) => {
  const { lower, upper } = emptyLower(t);
  for (let i = 0; i < 20; i++) put(lower, `file-${i}`, Buffer.alloc(i + 1));
  copy(lower, upper);
  const expected: string[] = [];
  for (let i = 0; i < 20; i += 5) {
    put(upper, `file-${i}`, 'changed');
    put(upper, `file-${i}-added`);
    unlinkSync(join(upper, `file-${i + 1}`));
    expected.push(`C /file-${i}`, `A /file-${i}-added`, `D /file-${i + 1}`);
  }
  const path = (line: string): string => line.slice(2);
  expected.sort((a, b) => (path(a) < path(b) ? -1 : 1));
  t.deepEqual(await letters(upper, lower), expected);
});

test('names that are not UTF-8', async (t) => {
  const { lower, upper } = emptyLower(t);
  mkdirSync(upper);
  writeFileSync(Buffer.concat([Buffer.from(`${upper}/x`), Buffer.of(0xff)]), '');
  const { value: change } = await changes(upper, lower).next();
  t.like(change, { kind: 'added', path: '/x\ufffd' });
  t.deepEqual(change?.rawPath, Buffer.of(0x2f, 0x78, 0xff));
});

test('a file with several hard links counts once', async (t) => {
  const { lower, upper } = emptyLower(t);
  put(upper, 'a', Buffer.alloc(1000));
  linkSync(join(upper, 'a'), join(upper, 'b'));
  linkSync(join(upper, 'a'), join(upper, 'c'));
  put(upper, 'd', Buffer.alloc(10));
  t.is(await diffSize(upper, lower), 1010n);
});

test('a file with an unchanged inode is not read', async (t) => {
  const { lower, upper } = emptyLower(t);
  for (const name of ['a', 'b', 'c']) {
    put(lower, name);
    // An access time before the last change makes a read visible.
    touch(join(lower, name), 1_000_000_000);
  }
  share(lower, upper);
  copy(join(lower, 'c'), join(upper, 'c.new'));
  renameSync(join(upper, 'c.new'), join(upper, 'c'));
  const accessed = (name: string): number => statSync(join(lower, name)).atimeMs;
  const before = accessed('a');
  await clockStep();
  const snapshotTime = BigInt(Date.now()) * 1_000_000n;
  t.deepEqual(await letters(upper, lower, { snapshotTime }), []);
  t.deepEqual([accessed('a'), accessed('b')], [before, before]);
  t.true(accessed('c') > before, 'a file with another inode is compared by its content');
});

test('a socket is a change', async (t) => {
  const { lower, upper } = emptyLower(t);
  mkdirSync(upper);
  const server = createServer().listen(join(upper, 's'));
  t.teardown(() => server.close());
  await clockStep();
  t.deepEqual(await letters(upper, lower), ['A /s']);
});

test('a missing tree, and a tree that is a regular file', async (t) => {
  const top = tempDir(t);
  put(top, 'file');
  await t.throwsAsync(letters(join(top, 'none'), undefined), { code: 'ENOENT' });
  await t.throwsAsync(letters(join(top, 'file'), undefined), { code: 'ENOTDIR' });
});

test('an aborted walk', async (t) => {
  const { lower, upper } = trees(t);
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(letters(upper, lower, { signal })), reason);
});

test('times are compared to the nanosecond if both have a fraction', async (t) => {
  const { lower, upper } = trees(t);
  utimesSync(join(lower, 'file'), 1e9, 1e9 + 0.25);
  utimesSync(join(upper, 'file'), 1e9, 1e9 + 0.5);
  t.deepEqual(await letters(upper, lower), ['C /file']);
});
