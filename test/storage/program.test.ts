import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { StorageError } from '../../src/storage/errors.ts';
import { demandPrograms, hasProgram, runProgram } from '../../src/storage/program.ts';
import { assertProportional } from '../helpers/proportional.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { until } from '../helpers/until.ts';

const failed = { instanceOf: StorageError, code: 'ERR_STORAGE_PROGRAM' } as const;

test('what a program prints is given back', async (t) => {
  t.is(await runProgram('sh', ['-c', 'echo "$0" "$1"', 'a b', '$(c)']), 'a b $(c)\n');
});

test('no shell comes between', async (t) => {
  t.is(await runProgram('echo', ['$HOME', '; false', '`id`']), '$HOME ; false `id`\n');
});

test('it runs in the language of its messages that we know, and has no stdin', async (t) => {
  t.is(await runProgram('sh', ['-c', 'echo $LC_ALL; cat']), 'C\n');
});

test('one that is missing: the package that has it', (t) => {
  const { PATH } = process.env;
  t.teardown(() => {
    process.env['PATH'] = PATH;
  });
  process.env['PATH'] = '/nonexistent';
  t.false(hasProgram('dmts-no-such'));
  t.throws(() => demandPrograms(['dmts-no-such']), {
    ...failed,
    message: 'dmts-no-such: it is not installed',
  });
});

test('one that fails: its status, what it said, its arguments', async (t) => {
  const line = 'echo printed; echo "no such" >&2; echo "  device" >&2; exit 3';
  const error = await t.throwsAsync(runProgram('sh', ['-c', line]), failed);
  t.is(error?.message, `sh: it ended with status 3: no such; device (arguments: -c ${line})`);
});

test('one that says nothing on stderr: what it printed', async (t) => {
  const message = /^sh: it ended with status 1: printed \(arguments/;
  await t.throwsAsync(runProgram('sh', ['-c', 'echo printed; exit 1']), { ...failed, message });
});

test('one that explains its usage: the reason before that', async (t) => {
  // mkfs.ext4 and mkfs.xfs do so, and the usage used to be all that was shown.
  const line =
    'echo "mkfs: invalid option -- q" >&2; echo "Usage: mkfs" >&2; yes option | head -c 9000 >&2; exit 1';
  const message = /^sh: it ended with status 1: mkfs: invalid option -- q \(arguments/;
  await t.throwsAsync(runProgram('sh', ['-c', line]), { ...failed, message });
});

test('one that says too much: the beginning of it, too', async (t) => {
  const line = 'echo the reason >&2; yes no | head -c 30000 >&2; echo at last >&2; exit 1';
  const error = await t.throwsAsync(runProgram('sh', ['-c', line]), failed);
  t.regex(error!.message, /status 1: the reason; no; .* … .*at last \(arguments/);
});

test('one that is killed: by what', async (t) => {
  const message = /^sh: it was ended by SIGKILL \(arguments/;
  await t.throwsAsync(runProgram('sh', ['-c', 'kill -9 $$']), { ...failed, message });
});

test('one that says too much: the last of it', async (t) => {
  const line = 'yes no | head -c 300000 >&2; echo at last >&2; exit 1';
  const error = await t.throwsAsync(runProgram('sh', ['-c', line]), failed);
  t.regex(error!.message, /at last \(arguments/);
  t.true(error!.message.length < 1000);
});

test.serial('one that says blanks: time in proportion to their number', async (t) => {
  await assertProportional(t, async (size) => {
    const line = `(printf a; head -c ${size / 16} /dev/zero | tr '\\0' ' '; echo x) >&2; exit 1`;
    await t.throwsAsync(runProgram('sh', ['-c', line]), failed);
  });
});

test('one that cannot be started', async (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'dmts-broken');
  writeFileSync(path, '\u007fELF and no more');
  chmodSync(path, 0o755);
  // Looked for in a process of its own: PATH is for the whole process.
  const module = new URL('../../src/storage/program.js', import.meta.url).href;
  const code = `import { runProgram, hasProgram } from ${JSON.stringify(module)};
    console.log(hasProgram('dmts-broken'));
    await runProgram('dmts-broken', []).catch((e) => console.log(e.code, e.message));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { ...process.env, PATH: dir },
  });
  t.regex(said, /^true\nERR_STORAGE_PROGRAM dmts-broken: /);
});

test('an abort ends it', async (t) => {
  const dir = tempDir(t);
  const pidFile = join(dir, 'pid');
  const abort = new AbortController();
  const reason = new Error('enough');
  const line = `echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 1000`;
  const running = runProgram('sh', ['-c', line], { signal: abort.signal });
  await until('the start of the program', () => existsSync(pidFile));
  abort.abort(reason);
  t.is(await t.throwsAsync(running), reason);
  t.false(existsSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}/exe`));
});

test('after an abort it is not started', async (t) => {
  const file = join(tempDir(t), 'made');
  const signal = AbortSignal.abort(new Error('before'));
  await t.throwsAsync(async () => runProgram('touch', [file], { signal }), { message: 'before' });
  t.false(existsSync(file));
});

test('every program that makes or grows something comes with a package', (t) => {
  const { PATH } = process.env;
  t.teardown(() => {
    process.env['PATH'] = PATH;
  });
  const packages = {
    'mkfs.ext4': 'e2fsprogs',
    resize2fs: 'e2fsprogs',
    tune2fs: 'e2fsprogs',
    'mkfs.xfs': 'xfsprogs',
    xfs_growfs: 'xfsprogs',
    lvcreate: 'lvm2',
    thin_check: 'thin-provisioning-tools',
  };
  for (const [program, from] of Object.entries(packages)) {
    if (hasProgram(program)) t.notThrows(() => demandPrograms([program]));
    else {
      const message = `${program}: it is not installed. It comes with the package ${from}`;
      t.throws(() => demandPrograms([program]), { ...failed, message });
    }
  }
});
