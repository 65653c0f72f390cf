import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { StorageError } from '../../../../src/storage/config/errors.ts';
import {
  demandPrograms,
  hasProgram,
  runProgram,
} from '../../../../src/storage/filesystem/program.ts';
import { assertProportional } from '../../../support/proportional.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { until } from '../../../support/until.ts';

const failed = { instanceOf: StorageError, code: 'ERR_STORAGE_PROGRAM' } as const;

test('a call returns the output of the program', async (t) => {
  t.is(await runProgram('sh', ['-c', 'echo "$0" "$1"', 'a b', '$(c)']), 'a b $(c)\n');
});

test('no shell is involved', async (t) => {
  t.is(await runProgram('echo', ['$HOME', '; false', '`id`']), '$HOME ; false `id`\n');
});

test('a program runs with LC_ALL=C and without stdin', async (t) => {
  t.is(await runProgram('sh', ['-c', 'echo $LC_ALL; cat']), 'C\n');
});

test('a missing program: the error names the package', (t) => {
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

test('a failed program: status, stderr and arguments', async (t) => {
  const line = 'echo printed; echo "no such" >&2; echo "  device" >&2; exit 3';
  const error = await t.throwsAsync(runProgram('sh', ['-c', line]), failed);
  t.is(error?.message, `sh: it exited with status 3: no such; device (arguments: -c ${line})`);
});

test('a failed program with an empty stderr: its stdout', async (t) => {
  const message = /^sh: it exited with status 1: printed \(arguments/;
  await t.throwsAsync(runProgram('sh', ['-c', 'echo printed; exit 1']), { ...failed, message });
});

test('a program that prints its usage: the text before the usage', async (t) => {
  // mkfs.ext4 and mkfs.xfs do so, and the error once showed only the usage.
  const line =
    'echo "mkfs: invalid option -- q" >&2; echo "Usage: mkfs" >&2; yes option | head -c 9000 >&2; exit 1';
  const message = /^sh: it exited with status 1: mkfs: invalid option -- q \(arguments/;
  await t.throwsAsync(runProgram('sh', ['-c', line]), { ...failed, message });
});

test('long stderr: its beginning', async (t) => {
  const line = 'echo the reason >&2; yes no | head -c 30000 >&2; echo at last >&2; exit 1';
  const error = await t.throwsAsync(runProgram('sh', ['-c', line]), failed);
  t.regex(error!.message, /status 1: the reason; no; .* … .*at last \(arguments/);
});

test('a killed program: the signal', async (t) => {
  const message = /^sh: it was killed by SIGKILL \(arguments/;
  await t.throwsAsync(runProgram('sh', ['-c', 'kill -9 $$']), { ...failed, message });
});

test('long stderr: its end', async (t) => {
  const line = 'yes no | head -c 300000 >&2; echo at last >&2; exit 1';
  const error = await t.throwsAsync(runProgram('sh', ['-c', line]), failed);
  t.regex(error!.message, /at last \(arguments/);
  t.true(error!.message.length < 1000);
});

test.serial('a stderr of blanks: time in proportion to its length', async (t) => {
  await assertProportional(t, async (size) => {
    const line = `(printf a; head -c ${size / 16} /dev/zero | tr '\\0' ' '; echo x) >&2; exit 1`;
    await t.throwsAsync(runProgram('sh', ['-c', line]), failed);
  });
});

test('a program that cannot be started', async (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'dmts-broken');
  writeFileSync(path, '\u007fELF and no more');
  chmodSync(path, 0o755);
  // In a separate process, because PATH is global.
  const module = new URL('../../../../src/storage/filesystem/program.js', import.meta.url).href;
  const code = `import { runProgram, hasProgram } from ${JSON.stringify(module)};
    console.log(hasProgram('dmts-broken'));
    await runProgram('dmts-broken', []).catch((e) => console.log(e.code, e.message));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { ...process.env, PATH: dir },
  });
  t.regex(said, /^true\nERR_STORAGE_PROGRAM dmts-broken: /);
});

test('an abort kills the program', async (t) => {
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

test('after an abort no program starts', async (t) => {
  const file = join(tempDir(t), 'made');
  const signal = AbortSignal.abort(new Error('before'));
  await t.throwsAsync(async () => runProgram('touch', [file], { signal }), { message: 'before' });
  t.false(existsSync(file));
});

test('every program that creates or grows a filesystem or a pool has a package', (t) => {
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
      const message = `${program}: it is not installed. Install the package ${from}`;
      t.throws(() => demandPrograms([program]), { ...failed, message });
    }
  }
});
