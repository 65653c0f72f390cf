// docs/bundling.md: every command of the page runs its program, and its errors are those of the code.

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { supportedArchitecture } from '../../src/ioctl/libc/platform.ts';
import { koffiUnavailable } from '../../src/ioctl/libc/unavailable.ts';
import { tempDir } from '../support/temp-dir.ts';

const page = readFileSync('docs/bundling.md', 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, code]) => code!,
  );

const INSTALL = 'npm install --prefix bundle koffi';

/** A project with the page's program, and dmts and esbuild installed. */
function makeProject(t: ExecutionContext): string {
  const directory = tempDir(t);
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(process.cwd(), join(modules, 'dmts'));
  symlinkSync(resolve('node_modules/esbuild/bin/esbuild'), join(modules, '.bin/esbuild'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(directory, 'program.js'), blocks('js')[0]!);
  return directory;
}

/** Packages that npm would install from a registry. */
function installKoffi(directory: string): void {
  mkdirSync(join(directory, 'bundle/node_modules'), { recursive: true });
  symlinkSync(resolve('node_modules/koffi'), join(directory, 'bundle/node_modules/koffi'));
}

interface Ended {
  readonly status: number;
  /** Its output, or the first line of its error. */
  readonly output: string;
}

async function runCommand(command: string, cwd: string): Promise<Ended> {
  const env = {
    ...process.env,
    NODE_NO_WARNINGS: '1',
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  };
  const { code, stdout, stderr } = await promisify(execFile)('sh', ['-c', command], { cwd, env })
    .then((result) => ({ code: 0, ...result }))
    .catch(
      (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => error,
    );
  const [, message = ''] = /^(\w*Error.*)$/m.exec(stderr) ?? [];
  return { status: code, output: `${stdout}${message}` };
}

const nodeFlag = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

test('every command of the page gives the result of a run without a bundler or permissions', async (t) => {
  const directory = makeProject(t);
  const usual = await runCommand('node program.js', directory);
  t.regex(usual.output, /^\[|^DmError: /, usual.output);
  const commands = blocks('sh').flatMap((block) => block.trim().split('\n'));
  t.is(commands.filter((command) => command.startsWith('node ')).length, 2);
  for (const command of commands) {
    if (command === INSTALL) installKoffi(directory);
    else {
      const ended = await runCommand(command.replace('--permission', nodeFlag), directory);
      if (command.startsWith('node ')) t.deepEqual(ended, usual, command);
      else t.is(ended.status, 0, command);
    }
  }
});

test('the errors on the page equal those of the code', (t) => {
  const missing = Object.assign(new Error("Cannot find module 'koffi'\nRequire stack:"), {
    code: 'MODULE_NOT_FOUND',
  });
  t.true(page.includes(`\n${koffiUnavailable(missing).message}\n`));
  const darwin = { platform: 'darwin', arch: 'arm64' };
  const refused = t.throws(() => supportedArchitecture("open '/dev/mapper/control'", darwin));
  t.true(page.includes(`\n${refused.message}\n`));
});
