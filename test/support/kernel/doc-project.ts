// A directory in which the programs and the commands of a page run.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { mainFile } from '../cli/dmts.ts';
import { scratchDirectory } from './scratch.ts';

/** Apply each of `changes` to `text`; each must match. */
export function changed(
  t: ExecutionContext,
  text: string,
  changes: Readonly<Record<string, string>>,
): string {
  return Object.entries(changes).reduce((code, [from, to]) => {
    t.true(code.includes(from), from);
    return code.replaceAll(from, to);
  }, text);
}

/** Create a directory in which `import 'dmts'` and the command `dmts` are this package. */
export function makeProject(t: ExecutionContext): string {
  const directory = scratchDirectory(t);
  mkdirSync(join(directory, 'node_modules'));
  mkdirSync(join(directory, 'bin'));
  symlinkSync(process.cwd(), join(directory, 'node_modules/dmts'));
  const command = join(directory, 'bin/dmts');
  writeFileSync(command, `#!/bin/sh\nexec ${process.execPath} ${mainFile()} "$@"\n`);
  chmodSync(command, 0o755);
  return directory;
}

/** The environment in which `dmts` is the command of a project. */
export function environment(directory: string): NodeJS.ProcessEnv {
  const path = [join(directory, 'bin'), dirname(process.execPath), process.env['PATH']];
  return { ...process.env, PATH: path.join(delimiter) };
}

/** Run a command to its end, which must be successful, and return its output. */
export function run(
  t: ExecutionContext,
  directory: string,
  command: string,
  ...args: readonly string[]
): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: directory,
    encoding: 'utf8',
    env: environment(directory),
  });
  t.is(status, 0, `${stdout}${stderr}`);
  return stdout;
}

/** Run a program of a page, and return its output. */
export function runProgram(t: ExecutionContext, directory: string, code: string): string {
  writeFileSync(join(directory, 'program.mjs'), code);
  return run(t, directory, process.execPath, 'program.mjs');
}
