// The types of the package, as npm packs it: programs that a user of each subpath would write compile with the oldest
// compiler that knows `await using` and with the newest one, in Node's resolution and in a bundler's, with every
// declaration file checked.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { tempDir } from '../support/temp-dir.ts';

const run = promisify(execFile);
const PROGRAMS = 'test/types/programs';
const COMPILERS = ['typescript-5.2', 'typescript-6'];
const OPTIONS = {
  target: 'es2022',
  lib: ['es2022', 'esnext.disposable'],
  types: ['node'],
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
};
const RESOLUTIONS: Readonly<Record<string, object>> = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

/** Create a project with the programs, the packed package and the types of Node, and nothing else. */
async function makeProject(t: ExecutionContext): Promise<string> {
  const directory = tempDir(t);
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, 'dmts'), { recursive: true });
  mkdirSync(join(modules, '@types'));
  symlinkSync(resolve('node_modules/@types/node'), join(modules, '@types/node'));
  // Without its scripts: they would build again, below the other tests.
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory];
  const { stdout } = await run('npm', pack);
  const archive = join(directory, stdout.trim());
  await run('tar', ['xzf', archive, '-C', join(modules, 'dmts'), '--strip-components', '1']);
  cpSync(PROGRAMS, directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  return directory;
}

/** The errors that a compiler reports. */
const compile = (directory: string, compiler: string, config: string): Promise<string> =>
  run(process.execPath, [resolve('node_modules', compiler, 'bin/tsc'), '-p', config], {
    cwd: directory,
  }).then(
    () => '',
    ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => stdout + stderr,
  );

test('every subpath has a program', (t) => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly exports: Readonly<Record<string, object | string>>;
  };
  const subpaths = Object.keys(exports).filter((path) => typeof exports[path] === 'object');
  t.deepEqual(
    readdirSync(PROGRAMS).sort(),
    subpaths.map((path) => `${path === '.' ? 'dmts' : path.slice(2)}.ts`).sort(),
  );
});

test('the programs compile', async (t) => {
  t.timeout(300_000);
  const directory = await makeProject(t);
  for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
    const config = { compilerOptions: { ...OPTIONS, ...resolution }, include: ['*.ts'] };
    writeFileSync(join(directory, `${name}.json`), JSON.stringify(config));
  }
  for (const compiler of COMPILERS) {
    for (const name of Object.keys(RESOLUTIONS)) {
      t.is(await compile(directory, compiler, `${name}.json`), '', `${compiler}, ${name}`);
    }
  }
});
