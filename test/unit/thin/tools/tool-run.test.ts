import { getEventListeners } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { toolLines } from '../../../../src/thin/tools/tool-run.ts';
import { assertProportional } from '../../../support/proportional.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { all } from '../../../support/thin/tool-output/documents.ts';
import { until } from '../../../support/until.ts';

/** A directory with a program `tool` that runs this shell script. */
function tools(t: ExecutionContext, script: string): string {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'tool'), `#!/bin/sh\ncd ${dir}\n${script}\n`);
  chmodSync(join(dir, 'tool'), 0o755);
  return dir;
}

const run = async (t: ExecutionContext, script: string, args: readonly string[] = []) =>
  (await all(toolLines('tool', args, { toolsDir: tools(t, script) }))).flat();

const OUTPUTS: readonly (readonly [script: string, lines: readonly string[]])[] = [
  [':', []],
  ["printf 'a\\nb\\n'", ['a', 'b']],
  ["printf 'a\\n\\nb'", ['a', '', 'b']],
  ["printf 'a'; sleep 0.1; printf 'b\\nc\\n'", ['ab', 'c']],
  ["printf '\\303'; sleep 0.1; printf '\\244\\n'", ['ä']],
  ['echo said >&2', []],
  ['echo $LC_ALL', ['C']],
];

for (const [script, lines] of OUTPUTS) {
  test(`the lines of: ${script}`, async (t) => {
    t.deepEqual(await run(t, script), lines);
  });
}

test('arguments are passed unchanged, without a shell', async (t) => {
  const args = ['a b', '$HOME', '', '*'];
  t.deepEqual(await run(t, `printf '<%s>\\n' "$@"`, args), ['<a b>', '<$HOME>', '<>', '<*>']);
});

test('more output than a pipe can hold', async (t) => {
  const lines = await run(t, 'seq 100000');
  t.is(lines.length, 100_000);
  t.is(lines.at(-1), '100000');
});

test.serial('a line without an end: time in proportion to its length', async (t) => {
  await assertProportional(t, async (size) => {
    const bytes = 100 * size;
    const [line, ...more] = await run(t, `head -c ${bytes} /dev/zero | tr '\\0' a`);
    t.deepEqual([line?.length, more], [bytes, []]);
  });
});

test('more stderr than a pipe can hold', async (t) => {
  t.deepEqual(await run(t, 'seq 100000 >&2; echo done'), ['done']);
});

const FAILURES: readonly (readonly [script: string, message: string, exitCode?: number])[] = [
  ['exit 3', 'tool failed with exit status 3', 3],
  ['echo a; exit 1', 'tool failed with exit status 1', 1],
  ['echo no >&2; exit 1', 'tool failed with exit status 1: no', 1],
  ['seq 9 >&2; exit 1', 'tool failed with exit status 1: 5; 6; 7; 8; 9', 1],
  [
    "printf 'no snap\\n\\nUsage: tool\\n  {-h}\\n' >&2; exit 1",
    'tool failed with exit status 1: no snap',
    1,
  ],
  ["echo 'Usage: tool' >&2; exit 1", 'tool failed with exit status 1: Usage: tool', 1],
  ['kill -SEGV $$', 'tool was killed by SIGSEGV'],
];

for (const [script, message, exitCode] of FAILURES) {
  test(`fails: ${script}`, async (t) => {
    const error = await t.throwsAsync(run(t, script), { code: 'ERR_DMTS_TOOL', message });
    t.like(error, { name: 'ToolError', program: 'tool', exitCode });
  });
}

test('the error has the last lines of stderr', async (t) => {
  const error = await t.throwsAsync<Error & { stderr: string }>(run(t, 'seq 9 >&2; exit 1'));
  t.is(error?.stderr, '1\n2\n3\n4\n5\n6\n7\n8\n9\n');
});

for (const [title, toolsDir] of [
  ['in a directory', '/nonexistent'],
  ['anywhere', undefined],
] as const) {
  test(`a program that is not ${title} names the package`, async (t) => {
    await t.throwsAsync(all(toolLines('thin_nothing', [], { toolsDir })), {
      name: 'ToolError',
      code: 'ENOENT',
      message: 'thin_nothing is not installed: it comes with the package thin-provisioning-tools',
    });
  });
}

test('a program without execute permission', async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'tool'), '');
  await t.throwsAsync(all(toolLines('tool', [], { toolsDir: dir })), {
    code: 'ERR_DMTS_TOOL',
    message: 'tool cannot be started: EACCES',
  });
});

const isRunning = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');

const ends = (pid: number): Promise<true> => until('the end of the program', () => !isRunning(pid));

/** Prints its process id, and then runs forever: with more output, without output, or ignoring signals. */
const ENDLESS = ['while :; do echo more; done', 'exec sleep 600', "trap '' TERM; exec sleep 600"];

for (const script of ENDLESS) {
  test(`a reader that stops kills the program: ${script}`, async (t) => {
    const toolsDir = tools(t, `echo $$; ${script}`);
    let pid = 0;
    for await (const [line] of toolLines('tool', [], { toolsDir })) {
      pid = Number(line);
      break;
    }
    t.true(pid > 0);
    await ends(pid);
  });

  test(`an abort kills the program: ${script}`, async (t) => {
    const toolsDir = tools(t, `echo $$; ${script}`);
    const control = new AbortController();
    const reason = new Error('enough');
    let pid = 0;
    const reading = (async () => {
      for await (const [line] of toolLines('tool', [], { toolsDir, signal: control.signal })) {
        pid ||= Number(line);
        setImmediate(() => control.abort(reason));
      }
    })();
    t.is(await t.throwsAsync(reading), reason);
    await ends(pid);
  });
}

test('an abort before any output, with a reason that is not an Error', async (t) => {
  const toolsDir = tools(t, 'touch started; exec sleep 600');
  const control = new AbortController();
  const reading = all(toolLines('tool', [], { toolsDir, signal: control.signal }));
  await until('the start of the program', () => existsSync(join(toolsDir, 'started')));
  control.abort('enough');
  t.is(await reading.catch((reason: unknown) => reason), 'enough');
});

test('an abort after the end of the output and before the end of the program', async (t) => {
  const toolsDir = tools(t, 'exec >&-; touch closed; exec sleep 600');
  const control = new AbortController();
  const reason = new Error('enough');
  const reading = all(toolLines('tool', [], { toolsDir, signal: control.signal }));
  await until('the end of the output', () => existsSync(join(toolsDir, 'closed')));
  // The end of the output is in the pipe: one turn of the event loop reads it, the next one reports it.
  for (let turns = 0; turns < 3; turns++) await turn();
  control.abort(reason);
  t.is(await t.throwsAsync(reading), reason);
});

test('no listener remains on a signal', async (t) => {
  const toolsDir = tools(t, 'echo a');
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) await all(toolLines('tool', [], { toolsDir, signal }));
  t.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('after an abort no program starts', async (t) => {
  const toolsDir = tools(t, 'touch ran');
  const reason = new Error('not wanted');
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(all(toolLines('tool', [], { toolsDir, signal }))), reason);
  t.false(existsSync(join(toolsDir, 'ran')));
});
