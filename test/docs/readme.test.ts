// The README shows the example's own lines, and says what the code says.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { ExitStatus } from '../../src/cli/support/exit-status.ts';
import { DmError } from '../../src/index.ts';
import { PAGES } from '../support/pages.ts';
import { tempDir } from '../support/temp-dir.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const readme = read('README.md');

/** The lines of a code block, and those between the example's markers, without their indentation. */
const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

test("the README's example is the heart of the program that npm start runs", (t) => {
  const [, block = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const source = read('examples/containers.ts');
  const heart = source.slice(source.indexOf('// README: begin'), source.indexOf('// README: end'));
  t.true(block.length > 0);
  t.deepEqual(lines(block), lines(heart).slice(1));
});

test('the errors that the README shows read as the code writes them', (t) => {
  const denied = new DmError({
    errno: 13,
    device: '/dev/mapper/control',
    hint: 'Only root may use the device mapper',
  });
  t.true(readme.includes(denied.message));
});

test('the exit codes of the README are all there are', (t) => {
  const [, line = ''] = /^Exit status: (.*)\.$/m.exec(readme) ?? [];
  t.is(
    line,
    '0 done, 1 failed, 2 wrong usage, 3 it does not exist, 4 busy, locked or exists already, 5 not permitted, 6 no access to the device mapper, 130 interrupted, 143 terminated',
  );
  t.deepEqual(line.match(/\d+/g)?.map(Number), Object.values(ExitStatus));
});

/** Each code block of a page that is a program, by the page and its number there. */
const programs = PAGES.flatMap((page) =>
  [...read(page).matchAll(/^```(?:ts|js)\n([\s\S]*?)^```/gm)].map(
    ([, code = ''], i) => [`${page}, program ${i + 1}`, code] as const,
  ),
);

for (const [title, code] of programs) {
  test(`${title} is JavaScript for each Node that is supported`, (t) => {
    const path = join(tempDir(t), 'program.mjs');
    writeFileSync(path, code);
    const { status, stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' });
    t.is(status, 0, stderr);
    // Node 24 takes it, Node 20 and 22 do not.
    t.notRegex(code, /\busing \w/);
  });
}

test('the README has programs, and the pages beside it', (t) => {
  t.true(programs.length >= 10, `${programs.length} programs`);
});

test("koffi's install script does nothing where koffi's binary loads", (t) => {
  const koffi = dirname(fileURLToPath(import.meta.resolve('koffi')));
  const { scripts } = JSON.parse(read(join(koffi, 'package.json'))) as {
    readonly scripts: { readonly install: string };
  };
  const [node, ...args] = scripts.install.split(' ');
  t.is(node, 'node');
  const before = readdirSync(koffi, { recursive: true });
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: koffi,
    // Nothing to compile with.
    env: { PATH: '/nonexistent' },
    encoding: 'utf8',
  });
  t.deepEqual([status, stdout, stderr], [0, '', '']);
  t.deepEqual(readdirSync(koffi, { recursive: true }), before);
});
