// Programs that print captured output. The real ones are in test/kernel/thin/tools.test.ts.

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { thinCheck, thinDelta, thinDump, thinLs } from '../../../../src/thin/tools/tools.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { all, DELTA_0_9, DUMP_1_X } from '../../../support/thin/tool-output/documents.ts';

/** A program that prints this text and records its arguments. */
function program(t: ExecutionContext, name: string, output: string, end = '') {
  const toolsDir = tempDir(t);
  writeFileSync(join(toolsDir, 'output'), output);
  const script = `#!/bin/sh\nprintf '%s\\n' "$@" > ${toolsDir}/args\ncat ${toolsDir}/output\n${end}`;
  writeFileSync(join(toolsDir, name), script);
  chmodSync(join(toolsDir, name), 0o755);
  const args = (): string =>
    readFileSync(join(toolsDir, 'args'), 'utf8').trimEnd().replaceAll('\n', ' ');
  return { toolsDir, args };
}

/** A file that can be read. */
function readable(t: ExecutionContext): string {
  const path = join(tempDir(t), 'm');
  writeFileSync(path, Buffer.alloc(4096));
  return path;
}

for (const [options, expected] of [
  [{}, '--format xml --'],
  [{ metadataSnap: true }, '--format xml -m --'],
  [{ devices: [1, 7] }, '--format xml --dev-id 1 --dev-id 7 --'],
  [{ mappings: false, metadataSnap: false }, '--format xml --skip-mappings --'],
] as const) {
  test(`thin_dump ${JSON.stringify(options)}`, async (t) => {
    const { toolsDir, args } = program(t, 'thin_dump', DUMP_1_X);
    const path = readable(t);
    const items = await all(thinDump(path, { ...options, toolsDir }));
    t.deepEqual(items.map(({ kind }) => kind[0]).join(''), 'sdmmmdmmmd');
    t.is(args(), `${expected} ${path}`);
  });
}

test('a dump that fails half-way: the failure is reported, not the incomplete output', async (t) => {
  const half = DUMP_1_X.slice(0, 200);
  const { toolsDir } = program(t, 'thin_dump', half, 'echo bad node >&2; exit 1');
  await t.throwsAsync(all(thinDump(readable(t), { toolsDir })), {
    code: 'ERR_DMTS_TOOL',
    message: 'thin_dump failed with exit status 1: bad node',
  });
});

test('a dump that is cut off with exit status 0', async (t) => {
  const { toolsDir } = program(t, 'thin_dump', DUMP_1_X.slice(0, -13));
  await t.throwsAsync(all(thinDump(readable(t), { toolsDir })), { code: 'ERR_DMTS_TOOL_OUTPUT' });
});

test('thin_ls', async (t) => {
  const { toolsDir, args } = program(t, 'thin_ls', '1 10 6 4 2 0 1 \n7  6 2 4 4 1 1 \n');
  const path = readable(t);
  const thins = await all(thinLs(path, { toolsDir, metadataSnap: true }));
  t.deepEqual(
    thins.map(({ id, exclusiveBlocks }) => [id, exclusiveBlocks]),
    [
      [1, 6n],
      [7, 2n],
    ],
  );
  const fields =
    'DEV,MAPPED_BLOCKS,EXCLUSIVE_BLOCKS,SHARED_BLOCKS,TRANSACTION,CREATE_TIME,SNAP_TIME';
  t.is(args(), `--no-headers --format ${fields} -m -- ${path}`);
});

test('thin_delta', async (t) => {
  const { toolsDir, args } = program(t, 'thin_delta', DELTA_0_9);
  const path = readable(t);
  const items = await all(thinDelta(path, 1, 7, { toolsDir, metadataSnap: true }));
  t.is(items.length, 5);
  t.is(args(), `-m --thin1 1 --thin2 7 -- ${path}`);
});

const SUMMARY = 'TRANSACTION_ID=5\nMETADATA_FREE_BLOCKS=1023';

for (const [options, expected] of [
  [{}, '--'],
  [
    { metadataSnap: true, skipMappings: true, clearNeedsCheck: true },
    '-m --skip-mappings --clear-needs-check-flag --',
  ],
] as const) {
  test(`thin_check ${JSON.stringify(options)}`, async (t) => {
    const { toolsDir, args } = program(t, 'thin_check', `${SUMMARY}\n`, 'echo examining >&2');
    const path = readable(t);
    const result = await thinCheck(path, { ...options, toolsDir });
    t.deepEqual(result, { ok: true, exitCode: 0, text: SUMMARY });
    t.is(args(), `${expected} ${path}`);
  });
}

test('thin_check of invalid metadata returns a result', async (t) => {
  const { toolsDir } = program(t, 'thin_check', `${SUMMARY}\n`, 'echo bad node >&2; exit 1');
  t.deepEqual(await thinCheck(readable(t), { toolsDir }), {
    ok: false,
    exitCode: 1,
    text: `${SUMMARY}\nbad node`,
  });
});

const NO_DIRECT_IO =
  'cannot open /proc/self/mountinfo, whose filesystem does not support direct I/O: it failed with exit status 1: Invalid argument. Copy the file to another filesystem';

// procfs has files that can only be read with the page cache.
for (const [name, run] of [
  ['thin_check', (toolsDir: string) => thinCheck('/proc/self/mountinfo', { toolsDir })],
  ['thin_dump', (toolsDir: string) => all(thinDump('/proc/self/mountinfo', { toolsDir }))],
  ['thin_ls', (toolsDir: string) => all(thinLs('/proc/self/mountinfo', { toolsDir }))],
  ['thin_delta', (toolsDir: string) => all(thinDelta('/proc/self/mountinfo', 1, 2, { toolsDir }))],
] as const) {
  test(`${name} on a filesystem without direct I/O throws, with the advice`, async (t) => {
    const { toolsDir } = program(t, name, '', "echo 'Invalid argument' >&2; exit 1");
    const error = await t.throwsAsync(run(toolsDir), {
      code: 'ERR_DMTS_TOOL_OPEN',
      message: `${name} ${NO_DIRECT_IO}`,
    });
    t.like(error, { program: name, exitCode: 1, stderr: 'Invalid argument\n' });
  });
}

test('thin_check that is killed or missing throws', async (t) => {
  const { toolsDir } = program(t, 'thin_check', '', 'kill -KILL $$');
  await t.throwsAsync(thinCheck(readable(t), { toolsDir }), {
    message: 'thin_check was killed by SIGKILL',
  });
  const empty = tempDir(t);
  t.false(existsSync(join(empty, 'thin_check')));
  await t.throwsAsync(thinCheck(readable(t), { toolsDir: empty }), { code: 'ENOENT' });
});

test('no program runs on a path that cannot be read', async (t) => {
  const { toolsDir } = program(t, 'thin_check', '', 'echo bad path >&2; exit 1');
  const directory = tempDir(t);
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const runs: readonly ((path: string) => Promise<unknown>)[] = [
    (path) => thinCheck(path, { toolsDir }),
    (path) => all(thinDump(path, { toolsDir })),
    (path) => all(thinLs(path, { toolsDir })),
    (path) => all(thinDelta(path, 1, 7, { toolsDir })),
  ];
  for (const run of runs) {
    for (const path of [directory, '/dev/null', fifo]) {
      await t.throwsAsync(run(path), {
        name: 'InputError',
        message: `path: expected a block device or a file, got "${path}"`,
      });
    }
    await t.throwsAsync(run(join(directory, 'no-such')), { code: 'ENOENT' });
  }
});
