// Work in a thread: how it ends.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { applyDiff } from '../../../../../src/storage/diff/apply-diff.ts';
import { changes } from '../../../../../src/storage/diff/changes.ts';
import { packDiff } from '../../../../../src/storage/diff/pack-diff.ts';
import type { TaskReply } from '../../../../../src/storage/diff/thread/protocol.ts';
import { Work, type WorkOptions } from '../../../../../src/storage/diff/thread/work.ts';
import { END, entry } from '../../../../support/storage/diff/raw-tar.ts';
import { emptyLower, put } from '../../../../support/storage/diff/tree.ts';

const MiB = 1024 ** 2;

test('the error of a callback is the error of the work', async (t) => {
  const { top, upper } = emptyLower(t);
  for (let i = 0; i < 20; i++) put(upper, `file-${i}`, Buffer.alloc(MiB, 'x'));
  mkdirSync(join(top, 'out'));
  const problem = new Error('not now');
  const onProgress = (): never => {
    throw problem;
  };
  t.is(await t.throwsAsync(applyDiff(join(top, 'out'), packDiff(upper), { onProgress })), problem);
  const packed = applyDiff(join(top, 'out'), packDiff(upper, undefined, { onProgress }));
  t.is(await t.throwsAsync(packed), problem);
});

test('the error of a stream is the error of the work, wherever it comes', async (t) => {
  const { top } = emptyLower(t);
  const problem = new Error('the line is dead');
  const parts = [entry({ name: 'a' }, 'content'), entry({ name: 'b' }, 'content')];
  const all = Buffer.concat(parts);
  for (const length of [0, 100, 512, 600, 1024, all.length]) {
    async function* cut(): AsyncGenerator<Buffer> {
      yield* [all.subarray(0, length)].filter((bytes) => bytes.length > 0);
      throw problem;
    }
    const target = join(top, `cut-${length}`);
    mkdirSync(target);
    t.is(await t.throwsAsync(applyDiff(target, Readable.from(cut()))), problem, `${length}`);
  }
});

test('a stream without an end is left when the work fails', async (t) => {
  const { top } = emptyLower(t);
  const tar = new Readable({ read: () => undefined });
  tar.push(Buffer.alloc(512, 'x'));
  await t.throwsAsync(applyDiff(top, tar), { code: 'ERR_DIFF_TAR' });
  t.true(tar.destroyed);
});

test('much work at once, more than there are processors', async (t) => {
  const { top, upper } = emptyLower(t);
  for (let i = 0; i < 10; i++) put(upper, `file-${i}`, Buffer.alloc(MiB / 8, `${i}`));
  const targets = Array.from({ length: 12 }, (_, i) => join(top, `out-${i}`));
  for (const target of targets) mkdirSync(target);
  await Promise.all(targets.map((target) => applyDiff(target, packDiff(upper))));
  for (const target of targets) {
    t.deepEqual(readdirSync(target).toSorted(), readdirSync(upper).toSorted());
    t.true(readFileSync(join(target, 'file-7')).equals(readFileSync(join(upper, 'file-7'))));
  }
});

test('the changes come in order, however many there are', async (t) => {
  const { upper } = emptyLower(t);
  const names = Array.from({ length: 2500 }, (_, i) => `${i}`);
  for (const name of names) put(upper, name);
  const found: string[] = [];
  for await (const { path } of changes(upper)) found.push(path.slice(1));
  t.deepEqual(found, names.toSorted());
});

test('bytes of the stream that others also use stay theirs', async (t) => {
  const { top } = emptyLower(t);
  const bytes = Buffer.concat([entry({ name: 'a' }, 'content'), END]);
  const before = Buffer.from(bytes);
  await applyDiff(top, Readable.from([bytes]));
  t.true(bytes.equals(before));
});

/** Work in a thread that does nothing, and the way to send the replies of the thread. */
function fakeWork(options: WorkOptions) {
  let receive: ((reply: TaskReply) => void) | undefined;
  const thread = {
    begin: (_: unknown, given: (reply: TaskReply) => void) => {
      receive = given;
    },
    awaited: <T>(promise: Promise<T>) => promise,
  };
  const work = new Work<'apply'>(thread, { kind: 'apply', target: '/' }, options);
  return { work, reply: (reply: TaskReply) => receive!(reply) };
}

const progress = (entries: number): TaskReply => ({
  kind: 'progress',
  progress: { entries, bytes: 0n },
});

test('a callback that threw is not called again', (t) => {
  const problem = new Error('not now');
  let calls = 0;
  const onProgress = (): never => {
    calls++;
    throw problem;
  };
  const { reply } = fakeWork({ onProgress });
  reply(progress(1));
  reply(progress(2));
  t.is(calls, 1);
  t.is(
    t.throws(() => reply({ kind: 'done', result: undefined })),
    problem,
  );
});

test('a callback is not called after an abort', (t) => {
  const controller = new AbortController();
  const seen: number[] = [];
  const { reply } = fakeWork({
    signal: controller.signal,
    onProgress: ({ entries }) => seen.push(entries),
  });
  reply(progress(1));
  const reason = new Error('not wanted');
  controller.abort(reason);
  reply(progress(2));
  t.deepEqual(seen, [1]);
  t.is(
    t.throws(() => reply({ kind: 'done', result: undefined })),
    reason,
  );
});

/** Runs a program whose only work is a tar. */
function run(program: string, ...args: readonly string[]) {
  const path = fileURLToPath(new URL(`../../../../fixtures/${program}.js`, import.meta.url));
  const options = { encoding: 'utf8', timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], options);
  return { status, stdout, stderr };
}

test('a process that leaves a tar unread ends', (t) => {
  const { upper } = emptyLower(t);
  put(upper, 'large', Buffer.alloc(8 * MiB, 'x'));
  t.deepEqual(run('unread-tar', upper), { status: 0, stdout: 'began\n', stderr: '' });
});

test('a process that waits for a silent stream unpacks what there is', (t) => {
  const { top } = emptyLower(t);
  const { status, stdout, stderr } = run('silent-tar', top);
  t.deepEqual([status, stderr], [0, '']);
  t.regex(stdout, /^layer tar: .*checksum/);
  t.is(readdirSync(top).filter((name) => name.startsWith('file-')).length, 500);
});
