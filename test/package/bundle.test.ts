// Bundles that esbuild makes of a program with dmts: one file, with or without koffi in node_modules beside it.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { type BuildOptions, build } from 'esbuild';
import { tempDir } from '../support/temp-dir.ts';

const PROGRAM = fileURLToPath(new URL('../fixtures/bundled-program.js', import.meta.url));
const MODEL = 'model: data';

/** The files beside the bundle: koffi, koffi without the package that has its binary, or nothing. */
type Koffi = 'complete' | 'without binary' | 'missing';

function putKoffi(directory: string, koffi: Koffi): void {
  if (koffi === 'missing') return;
  const [source, target] = ['node_modules', directory].map((parent) => resolve(parent, 'koffi'));
  mkdirSync(directory);
  // koffi looks for its binary beside its own real path.
  if (koffi === 'complete') symlinkSync(source!, target!);
  else cpSync(source!, target!, { recursive: true, filter: (path) => !/\/vendor$/.test(path) });
}

/** Bundle the program into a new directory, and run it there. */
async function runBundle(
  t: ExecutionContext,
  options: BuildOptions,
  { koffi, env = {} }: { readonly koffi: Koffi; readonly env?: NodeJS.ProcessEnv },
): Promise<readonly string[]> {
  const directory = tempDir(t);
  const outfile = join(directory, options.format === 'cjs' ? 'program.cjs' : 'program.mjs');
  const { warnings } = await build({
    entryPoints: [PROGRAM],
    bundle: true,
    platform: 'node',
    outfile,
    // esbuild excludes it by default if it is in node_modules.
    logOverride: { 'empty-import-meta': 'silent' },
    ...options,
  });
  t.deepEqual(warnings, []);
  putKoffi(join(directory, 'node_modules'), koffi);
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], {
    cwd: directory,
    env: { ...process.env, ...env },
  });
  return stdout.trimEnd().split('\n');
}

const FORMATS: readonly (readonly [title: string, options: BuildOptions])[] = [
  ['an ES module, koffi external', { format: 'esm', external: ['koffi'] }],
  ['an ES module', { format: 'esm' }],
  ['a minified ES module', { format: 'esm', minify: true, keepNames: true }],
  ['CommonJS, koffi external', { format: 'cjs', external: ['koffi'] }],
];

for (const [title, options] of FORMATS) {
  test(`${title}: calls work, directly and on a thread`, async (t) => {
    t.deepEqual(await runBundle(t, options, { koffi: 'complete' }), [
      MODEL,
      'direct: locked',
      "threaded: ENOTTY: inappropriate ioctl for device, ioctl BLKGETSIZE64 '/dev/null'",
    ]);
  });
}

for (const format of ['esm', 'cjs'] as const) {
  test(`${format} without koffi beside it: the model kernel works, and a real call names the missing package`, async (t) => {
    const missing =
      "cannot load koffi: Cannot find module 'koffi'. Install koffi where the program can load it, or in node_modules beside the bundle: npm install koffi";
    t.deepEqual(await runBundle(t, { format }, { koffi: 'missing' }), [
      MODEL,
      `direct: ${missing}`,
      `threaded: ${missing}`,
    ]);
  });
}

test('a koffi without its binary: the error of a call has the install command', async (t) => {
  const [, direct] = await runBundle(t, { format: 'esm' }, { koffi: 'without binary' });
  t.is(
    direct,
    "direct: cannot load koffi: Cannot find the native Koffi module; did you bundle it correctly. koffi's binary is an optional dependency. Install koffi again without --omit=optional",
  );
});

test('with DEBUG set and no debug package beside it, a bundle still runs', async (t) => {
  const env = { DEBUG: '*' };
  const [model] = await runBundle(t, { format: 'esm' }, { koffi: 'complete', env });
  t.is(model, MODEL);
});
