// The output of changes, diff and apply for a fake storage. The real storage mounts layers and is not used here.

import { Readable } from 'node:stream';
import test from 'ava';
import type { AppliedDiff } from '../../../src/storage/diff/apply/unpack-tar.ts';
import { DiffError } from '../../../src/storage/diff/tree/errors.ts';
import { DevicemapperStorage } from '../../../src/storage/storage.ts';
import { StorageView } from '../../../src/storage/view.ts';
import { modelStorage } from '../../support/cli/model-storage.ts';

const change = (kind: 'added' | 'modified' | 'deleted', path: string) => ({
  kind,
  path,
  rawPath: Buffer.from(path),
});

const asked: unknown[] = [];
let leftOut: AppliedDiff['leftOut'] = [];

const diffs: Pick<StorageView, 'changes' | 'diff' | 'diffSize'> = {
  changes: async function* (...words) {
    asked.push(['changes', ...words]);
    yield change('modified', '/etc');
    yield change('added', '/etc/é "new"');
    yield change('deleted', '/gone');
  },
  diff: async (...words) => {
    asked.push(['diff', ...words]);
    if (words[0] !== 'torn') return Readable.from([Buffer.from('a tar'), Buffer.from(', whole')]);
    return Readable.from(
      (async function* () {
        yield Buffer.from('half');
        throw new DiffError({ code: 'ERR_DIFF_CHANGED', entry: '/log', problem: 'it changed' });
      })(),
    );
  },
  diffSize: async () => 2n ** 60n,
};
const applying: Pick<DevicemapperStorage, 'apply'> = {
  apply: async (id, parent, tar) => {
    const parts: Buffer[] = [];
    for await (const part of tar) parts.push(part);
    asked.push(['apply', id, parent, Buffer.concat(parts).toString()]);
    return { bytes: 5n, tarBytes: 1024n, leftOut };
  },
};
Object.assign(StorageView.prototype, diffs);
Object.assign(DevicemapperStorage.prototype, applying);

test.serial('changes: in the format of docker diff', async (t) => {
  const { run } = await modelStorage(t);
  asked.length = 0;
  const { status, stdout } = await run('changes web base-1');
  t.deepEqual([status, stdout], [0, 'C /etc\nA /etc/é "new"\nD /gone\n']);
  t.deepEqual(asked, [['changes', 'web', 'base-1']]);
  t.deepEqual(JSON.parse((await run('changes web --json')).stdout), [
    { kind: 'modified', path: '/etc' },
    { kind: 'added', path: '/etc/é "new"' },
    { kind: 'deleted', path: '/gone' },
  ]);
});

test.serial('diff: the unchanged tar, or its size with --json', async (t) => {
  const { run } = await modelStorage(t);
  t.deepEqual(await run('diff web base-1'), { status: 0, stdout: 'a tar, whole', stderr: '' });
  t.deepEqual(JSON.parse((await run('diff web base-1 --json')).stdout), {
    id: 'web',
    parent: 'base-1',
    size: `${2n ** 60n}`,
  });
  t.deepEqual(JSON.parse((await run('diff web --json', { isTTY: true })).stdout).parent, null);
});

test.serial('diff: an incomplete tar gives an error, and exit status 1', async (t) => {
  const { run } = await modelStorage(t);
  const { status, stdout, stderr } = await run('diff torn');
  t.deepEqual([status, stdout, stderr], [1, 'half', 'dmts: "/log": it changed\n']);
});

test.serial('apply: reads the tar from stdin', async (t) => {
  const { run } = await modelStorage(t);
  asked.length = 0;
  t.deepEqual(await run('apply web base-1', { stdin: 'a tar' }), {
    status: 0,
    stdout: '',
    stderr: '',
  });
  t.deepEqual(asked, [['apply', 'web', 'base-1', 'a tar']]);
  t.deepEqual(JSON.parse((await run('apply web --json', { stdin: 'a tar' })).stdout), {
    id: 'web',
    parent: null,
    bytes: 5,
    leftOut: [],
  });
});

test.serial('apply: a warning for each kind of skipped attribute', async (t) => {
  const { run } = await modelStorage(t);
  leftOut = [
    { name: 'btrfs.compression', code: 'ENOTSUP', count: 1, path: 'etc/a' },
    { name: 'user.\n', code: 'EPERM', count: 3, path: 'dev/b' },
  ];
  const { status, stderr } = await run('apply web', { stdin: 'a tar' });
  t.is(status, 0);
  t.deepEqual(stderr.split('\n'), [
    'dmts: warning: skipped attribute "btrfs.compression" of "etc/a": ENOTSUP',
    'dmts: warning: skipped attribute "user.\\n" of "dev/b" and 2 more: EPERM',
    '',
  ]);
  const { stdout } = await run('apply web --json', { stdin: 'a tar' });
  t.deepEqual(JSON.parse(stdout).leftOut, leftOut);
  leftOut = [];
});
