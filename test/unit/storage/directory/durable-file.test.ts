// A small file is durable before its rename, and its name before the call returns.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { StorageError } from '../../../../src/storage/config/errors.ts';
import {
  DurableDirectory,
  isLeftover,
  whyNotWritten,
} from '../../../../src/storage/directory/durable-file.ts';
import { hasProgram } from '../../../../src/storage/filesystem/program.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const MODULE = new URL('../../../../src/storage/directory/durable-file.js', import.meta.url).href;
const CALLS = 'openat,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat';

/** The system calls of `code` on files in `directory`, in order, without their other arguments. */
function callsOf(
  t: ExecutionContext,
  directory: string,
  code: string,
): readonly string[] | undefined {
  if (!hasProgram('strace')) {
    t.log('skipped: no strace on this machine');
    return undefined;
  }
  const program = `import { DurableDirectory } from ${JSON.stringify(MODULE)};
    const directory = await DurableDirectory.open(${JSON.stringify(directory)});
    ${code}
    await directory[Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]();`;
  const trace = join(tempDir(t), 'trace');
  const { status, stderr } = spawnSync(
    'strace',
    [
      '-f',
      '-y',
      '-e',
      `trace=${CALLS}`,
      '-o',
      trace,
      process.execPath,
      '--input-type=module',
      '-e',
      program,
    ],
    { encoding: 'utf8' },
  );
  if (stderr.startsWith('strace:')) {
    t.log(`skipped: ${stderr}`);
    return undefined;
  }
  t.is(status, 0, stderr);
  // A call that another thread interrupts is on two lines; the first one identifies it.
  return readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line) => /^\d+ +(\w+)\((.*)$/.exec(line)?.slice(1, 3).join(' ') ?? [])
    .filter((call) => call.includes(directory))
    .map((call) => call.replaceAll(directory, '.').replace(/\.tmp\d+/g, 'TMP'));
}

/** Each call as its name and its file. */
const short = (call: string): string => {
  const [name = ''] = call.split(' ');
  const paths = [...call.matchAll(/[<"](\.(?:\/[^>"]*)?)[>"]/g)].map(([, path]) => path);
  return `${name.replace(/at2?$/, '')} ${[...new Set(paths)].join(' ')}`;
};

test('a write: the file is synced, then renamed, then the directory is synced', (t) => {
  const directory = tempDir(t);
  const calls = callsOf(t, directory, "await directory.write('web', 'text');");
  if (calls === undefined) return void t.pass();
  t.deepEqual(calls.map(short), [
    'open .',
    'open ./TMP',
    'fsync ./TMP',
    'rename ./TMP ./web',
    'fsync .',
  ]);
  t.regex(calls[1]!, /O_CREAT\|O_EXCL.*0600/);
  t.is(readFileSync(join(directory, 'web'), 'utf8'), 'text');
});

test('a removal: the directory is synced afterwards, only if a file was removed', (t) => {
  const directory = tempDir(t);
  writeFileSync(join(directory, 'web'), '');
  const code = "await directory.remove('web'); await directory.remove('web');";
  const calls = callsOf(t, directory, code);
  if (calls === undefined) return void t.pass();
  t.deepEqual(calls.map(short), ['open .', 'unlink ./web', 'fsync .', 'unlink ./web']);
});

test('a rename: the directory is synced after it', (t) => {
  const directory = tempDir(t);
  writeFileSync(join(directory, 'json'), '');
  const calls = callsOf(t, directory, "await directory.rename('json', 'json.migrated');");
  if (calls === undefined) return void t.pass();
  t.deepEqual(calls.map(short), ['open .', 'rename ./json ./json.migrated', 'fsync .']);
});

test('a file is replaced atomically, readable only by its owner, and no other file remains', async (t) => {
  const path = tempDir(t);
  await using directory = await DurableDirectory.open(path);
  await directory.write('web', 'a longer text');
  const before = statSync(join(path, 'web'));
  await directory.write('web', 'text');
  const after = statSync(join(path, 'web'));
  t.is(readFileSync(join(path, 'web'), 'utf8'), 'text');
  t.not(after.ino, before.ino);
  t.is(after.mode & 0o777, 0o600);
  t.deepEqual(readdirSync(path), ['web']);
});

test('concurrent writes do not interfere', async (t) => {
  const path = tempDir(t);
  await using directory = await DurableDirectory.open(path);
  const names = Array.from({ length: 50 }, (_, i) => `layer-${i}`);
  await Promise.all(names.map((name) => directory.write(name, name)));
  t.deepEqual(readdirSync(path).toSorted(), names.toSorted());
  t.true(names.every((name) => readFileSync(join(path, name), 'utf8') === name));
});

test('a failed write: the file is unchanged, and no other file remains', async (t) => {
  const path = tempDir(t);
  await using directory = await DurableDirectory.open(path);
  await directory.write('web', 'text');
  await t.throwsAsync(directory.write('no/such', 'text'), {
    code: 'ERR_STORAGE_WRITE',
    message: /no\/such: .*a part of its path is missing/,
  });
  t.is(readFileSync(join(path, 'web'), 'utf8'), 'text');
  t.deepEqual(readdirSync(path), ['web']);
});

test('a directory in the place of a file is an error that names it', async (t) => {
  const path = tempDir(t);
  mkdirSync(join(path, 'web'));
  await using directory = await DurableDirectory.open(path);
  for (const change of [() => directory.write('web', 'text'), () => directory.remove('web')]) {
    await t.throwsAsync(change, {
      code: 'ERR_STORAGE_WRITE',
      message: new RegExp(`^${path}/web: .*a directory is in its place`),
    });
  }
  t.deepEqual(readdirSync(path), ['web']);
});

test('a missing directory', async (t) => {
  await t.throwsAsync(DurableDirectory.open('/nonexistent/metadata'), { code: 'ENOENT' });
  t.false(existsSync('/nonexistent'));
});

for (const [name, left] of [
  ['.tmp123', true],
  ['.tmp0', true],
  ['.tmp', false],
  ['.tmp12a', false],
  ['tmp123', false],
  ['a.tmp123', false],
] as const) {
  test(`${name} is ${left ? '' : 'not '}a leftover`, (t) => t.is(isLeftover(name), left));
}

for (const [code, number, words] of [
  ['ENOSPC', 28, /: its filesystem is full\. Free space/],
  ['EDQUOT', 122, /: the disk quota is used up\. /],
  ['EROFS', 30, /: its filesystem is read-only\. Mount it read-write/],
  ['EIO', 5, /: its disk fails\. The kernel log has the reason/],
] as const) {
  test(`${code} is an error that names the file and its directory`, (t) => {
    const cause = Object.assign(new Error(code), { errno: -number });
    const error = whyNotWritten(cause, '/srv/metadata/a') as StorageError;
    t.like(error, { code: 'ERR_STORAGE_WRITE', cause });
    t.regex(error.message, /^\/srv\/metadata\/a: cannot change this file in \/srv\/metadata: /);
    t.regex(error.message, words);
  });
}

test('any other write error is thrown unchanged', (t) => {
  const cause = Object.assign(new Error('EMFILE'), { errno: -24 });
  t.is(whyNotWritten(cause, '/srv/metadata/a'), cause);
});
