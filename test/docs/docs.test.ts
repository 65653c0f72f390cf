// A test runs every code block and every command of the pages, and parses every example of a help text. A new one that no
// test runs fails here. test/kernel/cli/help-examples.test.ts runs the examples of the help texts.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Command } from 'commander';
import { commands } from '../../src/cli/commands.ts';
import { addCommands } from '../../src/cli/support/command-tree.ts';
import type { Io } from '../../src/cli/support/io.ts';
import { DmError } from '../../src/index.ts';
import { type Block, blocksOf, commandLines, dmtsCommands } from '../support/doc-blocks.ts';
import { PAGES } from '../support/pages.ts';
import { tempDir } from '../support/temp-dir.ts';

const blocks = PAGES.flatMap((page) => blocksOf(page, readFileSync(page, 'utf8')));

/** How a block is tested. */
interface Way {
  readonly matches: (block: Block) => boolean;
  /** Code that the program needs and the page omits. */
  readonly before?: string;
  /** Run the program here, with `dm` on the model kernel. */
  readonly onModel?: boolean;
  /** The other test that runs it. */
  readonly by?: string;
}

const isProgram = ({ language }: Block): boolean => language === 'ts' || language === 'js';
const at = (page: string, number: number) => (block: Block) =>
  block.page === page && block.number === number;

const DM = `import { DeviceMapper } from 'dmts';
import { thinPool } from 'dmts/targets';\ndeclare const dm: DeviceMapper;\ndeclare const signal: AbortSignal;\n`;

const WAYS: readonly Way[] = [
  {
    matches: at('README.md', 1),
    before: `import { createReadStream } from 'node:fs';\nimport { DevicemapperStorage } from 'dmts/storage';\ndeclare const root: string;\ndeclare const OPTIONS: readonly string[];\ndeclare const tar: string;\ndeclare const signal: AbortSignal;\n`,
    by: 'test/docs/readme.test.ts: it is the core of examples/containers.ts, which npm run test:example runs',
  },
  { matches: at('README.md', 2), by: 'npm run test:example prints it' },
  { matches: at('README.md', 3), by: 'the test of npm scripts below' },
  { matches: at('README.md', 4), onModel: true },
  { matches: at('README.md', 5), by: 'the test of the shown error below' },
  { matches: at('README.md', 6), before: DM, onModel: true },
  { matches: at('README.md', 7), before: DM, onModel: true },
  { matches: at('README.md', 8), by: 'test/kernel/cli/docs.test.ts' },
  { matches: at('README.md', 9), by: 'test/kernel/cli/docs.test.ts' },
  { matches: at('README.md', 10), by: 'test/kernel/cli/docs.test.ts' },
  { matches: at('README.md', 11), onModel: true },
  { matches: at('CONTRIBUTING.md', 1), by: 'the test of npm scripts below' },
  { matches: at('docs/architecture.md', 1), by: 'the test of the layers below' },
  { matches: ({ page }) => page === 'docs/bundling.md', by: 'test/docs/bundling-doc.test.ts' },
  {
    matches: at('docs/diff.md', 1),
    before: 'declare const upper: string;\ndeclare const lower: string;\n',
    by: 'test/kernel/cli/docs.test.ts',
  },
  {
    matches: (block) =>
      block.page === 'docs/storage.md' && (isProgram(block) || block.number === 2),
    by: 'test/kernel/cli/docs.test.ts',
  },
  { matches: at('docs/storage.md', 3), by: 'the test of commands below' },
  { matches: at('docs/storage.md', 4), by: 'test/docs/storage-doc.test.ts' },
  { matches: at('docs/storage.md', 5), by: 'test/unit/cli/storage-findings.test.ts' },
  { matches: at('docs/volumes.md', 1), by: 'test/kernel/cli/docs.test.ts' },
  {
    matches: ({ page }) => page === 'docs/testing.md',
    by: 'test/unit/testing/docs-example.test.ts',
  },
  {
    matches: ({ page }) => page.startsWith('docs/tasks/'),
    by: 'test/kernel/cli/tasks.test.ts',
  },
];

test('every code block has exactly one way, and every way a block', (t) => {
  for (const block of blocks) {
    const ways = WAYS.filter(({ matches }) => matches(block));
    t.is(ways.length, 1, `${block.page}, block ${block.number}:\n${block.code}`);
  }
  for (const [i, { matches }] of WAYS.entries()) t.true(blocks.some(matches), `way ${i}`);
});

test('the other tests exist', (t) => {
  const named = WAYS.flatMap(({ by = '' }) => /^test\/[\w/.-]+\.ts/.exec(by) ?? []);
  t.true(named.length > 0);
  for (const file of named) t.notThrows(() => readFileSync(file), file);
});

/** A directory in which `import 'dmts'` is this package as npm would install it. */
function makeProject(t: ExecutionContext): string {
  const directory = tempDir(t);
  mkdirSync(join(directory, 'node_modules/@types'), { recursive: true });
  symlinkSync(process.cwd(), join(directory, 'node_modules/dmts'));
  symlinkSync(
    join(process.cwd(), 'node_modules/@types/node'),
    join(directory, 'node_modules/@types/node'),
  );
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  return directory;
}

const programs = blocks.filter(isProgram).map((block) => ({
  block,
  way: WAYS.find(({ matches }) => matches(block))!,
}));
const nameOf = ({ page, number }: Block): string => `${page.replaceAll(/[/.]/g, '-')}-${number}`;

test("every program compiles with the package's public types", (t) => {
  const directory = makeProject(t);
  // JavaScript for node --test has no type declarations.
  const typed = programs.filter(
    ({ block }) => block.page !== 'docs/testing.md' || block.language === 'ts',
  );
  for (const { block, way } of typed) {
    writeFileSync(
      join(directory, `${nameOf(block)}.ts`),
      `${way.before ?? ''}${block.code}\nexport {};\n`,
    );
  }
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes'];
  const options = [...strict, '--noEmit', '--module', 'nodenext', '--target', 'esnext'];
  const files = typed.map(({ block }) => `${nameOf(block)}.ts`);
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      join(process.cwd(), 'node_modules/typescript/bin/tsc'),
      ...options,
      '--types',
      'node',
      ...files,
    ],
    { cwd: directory, encoding: 'utf8' },
  );
  t.is(status, 0, stdout);
});

// What a program of a page can use: a disk, a pool, and a signal that ends an infinite loop.
const MODEL = `import { DeviceMapper as Real } from 'dmts';
import { thinPool as pool } from 'dmts/targets';
import { modelKernel } from 'dmts/testing';
const model = modelKernel({
  disks: [
    { dev: '8:0', path: '/dev/meta', sectors: 4096 },
    { dev: '8:32', path: '/dev/data', sectors: 128_000 },
    { dev: '8:16', path: '/dev/sdb', sectors: 2_097_152 },
  ],
});
// One event occurs as soon as a program waits for it.
let created;
const event = (signal) => {
  const happens = model.event(signal);
  created ??= given.create('event', { table: [{ length: 8, type: 'zero' }] });
  return happens;
};
const kernel = { ...model, event };
const open = Real.open.bind(Real);
Real.open = (options = {}) => open({ transport: kernel, ...options });
const given = await open({ transport: kernel });
await given.create('example-pool', {
  table: [pool({ length: 128_000, metadataDevice: '/dev/meta', dataDevice: '/dev/data' })],
});
globalThis.dm = given;
const ending = new AbortController();
globalThis.signal = ending.signal;
const END = new Error('the end of the test');
process.on('uncaughtException', (error) => {
  if (error !== END) { console.error(error); process.exit(1); }
});
`;

for (const { block, way } of programs.filter(({ way }) => way.onModel)) {
  test(`${block.page}, block ${block.number} runs on the model kernel`, (t) => {
    const directory = makeProject(t);
    const endless = block.code.includes('for await');
    const given = way.before === undefined ? '' : "import { thinPool } from 'dmts/targets';\n";
    // A loop over events ends at the first one.
    const code = endless ? `${block.code.replace(/;\s*$/, '')}, ending.abort(END);\n` : block.code;
    writeFileSync(join(directory, 'program.mjs'), `${MODEL}${given}${code}`);
    const { status, stderr, stdout } = spawnSync(process.execPath, ['program.mjs'], {
      cwd: directory,
      encoding: 'utf8',
      timeout: 60_000,
    });
    t.is(status, 0, `${stdout}${stderr}`);
    if (endless) t.regex(stdout, /^created event$/m);
  });
}

test('the error in the README equals that of the code', (t) => {
  const { message } = new DmError({
    errno: 22,
    command: 'DM_TABLE_LOAD',
    device: 'vol',
    field: 'table[0].type',
    reason: 'cahce: unknown target type',
    hint: 'This kernel has no target type "cahce", and no module dm-cahce',
  });
  const shown = blocks.find(at('README.md', 5))!.code;
  t.is(shown.replaceAll('\n', ' ').trim(), `DmError: ${message}`);
});

test('the layers in docs/architecture.md are the folders of src', (t) => {
  const shown = [...blocks.find(at('docs/architecture.md', 1))!.code.matchAll(/^src\/(\w+)/gm)];
  const folders = readdirSync('src', { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  t.deepEqual(
    [...shown.map(([, name]) => name), 'testing'].sort(),
    folders.map(({ name }) => name).sort(),
  );
});

test('every npm script that a page names exists', (t) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  for (const page of PAGES) {
    const text = readFileSync(page, 'utf8');
    for (const [line, name] of text.matchAll(/\bnpm run ([\w:-]+)/g))
      t.true(name! in scripts, `${page}: ${line}`);
    for (const [line, name] of text.matchAll(/\bnpm (start|test)\b/g))
      t.true(name! in scripts, `${page}: ${line}`);
  }
});

const NOWHERE: Io = {
  stdout: { write: () => undefined, isTTY: false },
  stderr: { write: () => undefined, isTTY: false },
  stdin: process.stdin,
  env: {},
  isTTY: false,
  signal: new AbortController().signal,
} as unknown as Io;

/** The program; it stops after parsing. */
async function parser(said: (text: string) => void): Promise<Command> {
  const program = new Command('dmts').exitOverride().enablePositionalOptions();
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeOut: said, writeErr: said });
    command.commands.forEach(quiet);
  };
  await addCommands(program, commands, [], NOWHERE);
  quiet(program);
  return program.hook('preAction', () => {
    throw new Error('parsed');
  });
}

async function parses(t: ExecutionContext, words: readonly string[]): Promise<void> {
  let said = '';
  const program = await parser((text) => {
    said += text;
  });
  const error = await t.throwsAsync<Error>(program.parseAsync(words, { from: 'user' }));
  t.is(error?.message, 'parsed', `dmts ${words.join(' ')}: ${said}`);
}

/** Every command with an action: its words and its help text. */
async function everyCommand(): Promise<readonly (readonly [string, string])[]> {
  const program = await parser(() => undefined);
  const found: (readonly [string, string])[] = [];
  const walk = (command: Command, words: string): void => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    if (words !== '') found.push([words, help]);
    for (const below of command.commands) walk(below, `${words} ${below.name()}`.trim());
  };
  walk(program, '');
  return found;
}

test('dmts accepts every example of every help text', async (t) => {
  const all = await everyCommand();
  t.true(all.length > 50, `${all.length} commands`);
  for (const [words, help] of all) {
    const [, text = ''] = /\nExamples:\n((?: .*\n|\n(?= ))*)/.exec(help) ?? [];
    const lines = text
      .replaceAll(/ \\\n +/g, ' ')
      .split('\n')
      .filter((line) => line.trim() !== '');
    t.true(lines.length > 0, `dmts ${words} --help has no example`);
    for (const line of lines) {
      const found = dmtsCommands(line);
      t.true(found.length > 0, line);
      for (const argv of found) await parses(t, argv);
    }
  }
});

test('dmts accepts every command line of the pages', async (t) => {
  let count = 0;
  for (const block of blocks.filter(({ language }) => language === 'sh')) {
    for (const line of commandLines(block.code)) {
      for (const argv of dmtsCommands(line)) {
        await parses(t, argv);
        count += 1;
      }
    }
  }
  t.true(count >= 5, `${count} command lines`);
});

test('every command that the text of a page names exists', async (t) => {
  const names = new Set((await everyCommand()).map(([words]) => words));
  for (const page of PAGES) {
    const text = readFileSync(page, 'utf8').replaceAll('\\|', '|');
    for (const [, line = ''] of text.matchAll(/`dmts ([a-z_][^`]*)`/g)) {
      const [first = '', second = ''] = line.split(' ');
      for (const one of first.split('|')) {
        t.true(one === 'help' || names.has(one), `${page}: dmts ${line}`);
        if (!['pool', 'thin', 'storage', 'volume'].includes(one) || !/^[a-z]/.test(second))
          continue;
        for (const below of second.split('|'))
          t.true(names.has(`${one} ${below}`), `${page}: dmts ${line}`);
      }
    }
  }
});
