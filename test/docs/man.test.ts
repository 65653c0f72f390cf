// The man pages: every command and option of the program is in one, and roff accepts them.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Command } from 'commander';
import { manPages, wholeTree } from '../../scripts/man/pages.ts';
import { exampleLines } from '../../src/cli/help/help.ts';
import { ENVIRONMENT } from '../../src/cli/help-topics.ts';
import { descriptionOf } from '../../src/cli/support/describe.ts';
import { tempDir } from '../support/temp-dir.ts';

const SECTIONS = [
  ...['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'COMMANDS', 'EXIT STATUS', 'ENVIRONMENT'],
  ...['FILES', 'EXAMPLES', 'SEE ALSO'],
];
const MACROS = ['TH', 'nh', 'SH', 'SS', 'PP', 'br', 'TP', 'RS', 'RE', 'EX', 'EE'];

const tree = await wholeTree();
const pages = await manPages({ version: '1.2.3', date: '2026-01-02' });

const CHARACTERS: Readonly<Record<string, string>> = {
  e: '\\',
  '-': '-',
  '(aq': "'",
  '(ga': '`',
  '(ha': '^',
  '(ti': '~',
  '&': '',
  fB: '',
  fI: '',
  fR: '',
};

/** What roff prints for a text. @throws Error for an unknown escape */
const plain = (text: string): string =>
  text.replaceAll(/\\(\(..|f.|.)/g, (_, name: string) => {
    const character = CHARACTERS[name];
    if (character === undefined) throw new Error(`unknown escape \\${name}`);
    return character;
  });

/** The parts of a page, by the heading of the section or subsection. */
function partsOf(page: string): ReadonlyMap<string, string> {
  const parts = page.split(/^\.S[HS] /m).slice(1);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return [plain(part.slice(0, end)), part.slice(end + 1)];
    }),
  );
}

/** The terms of a part, options and arguments, each with its text: `--json: print JSON`. */
const termsOf = (part = ''): readonly string[] =>
  [...part.matchAll(/^\.TP\n(.*)\n((?:[^.\n].*\n?)+)/gm)].map(([, tag = '', text = '']) =>
    plain(`${tag}: ${text.trimEnd().replaceAll('\n', ' ')}`),
  );

const fullName = (command: Command): string =>
  command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();

const isGroup = (command: Command): boolean => command.commands.length > 0;
const below = (command: Command): readonly Command[] =>
  command.commands.filter((one) => descriptionOf(one) !== undefined);

/** What the page of a program or group lacks. */
function missingFrom(page: string, root: Command): readonly string[] {
  const parts = partsOf(page);
  const common = termsOf(parts.get('OPTIONS'));
  const missing: string[] = [];
  const demand = (command: Command, kind: string, word: string, found: readonly string[]): void => {
    if (!found.includes(word)) missing.push(`${fullName(command)}: ${kind} ${word}`);
  };
  for (const command of [root, ...below(root)]) {
    if (command !== root && isGroup(command)) continue;
    const help = command.createHelp();
    const part = command === root ? parts.get('EXAMPLES') : parts.get(fullName(command));
    const own = termsOf(part);
    // <name=value> is printed in italics.
    for (const option of help.visibleOptions(command)) {
      const flags = option.flags.replaceAll(/[<>]/g, '');
      const text = `${flags}: ${help.optionDescription(option)}`;
      demand(command, 'option', text, [...own, ...common]);
    }
    for (const argument of help.visibleArguments(command)) {
      const text = `${argument.name()}: ${help.argumentDescription(argument)}`;
      demand(command, 'argument', text, own);
    }
    const examples = plain(part ?? '').split('\n');
    for (const example of descriptionOf(command)?.examples ?? []) {
      for (const line of exampleLines(example)) demand(command, 'example', line, examples);
    }
  }
  return missing;
}

const roots = new Map(
  [tree, ...tree.commands.filter(isGroup)].map((root) => [
    `${fullName(root).replaceAll(' ', '-')}.8`,
    root,
  ]),
);

test('there is a page for dmts, and one for each group', (t) => {
  t.deepEqual([...pages.keys()].sort(), [...roots.keys()].sort());
  t.true(pages.size >= 4);
});

test('npm installs the pages', (t) => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly man: readonly string[];
    readonly files: readonly string[];
  };
  t.deepEqual(manifest.man.toSorted(), [...pages.keys()].map((name) => `man/${name}`).toSorted());
  t.true(manifest.files.includes('man'));
});

for (const [name, page] of pages) {
  const root = roots.get(name)!;

  test(`${name}: every command, option, argument and example of the program`, (t) => {
    t.deepEqual(missingFrom(page, root), []);
    for (const group of below(root).filter(isGroup)) {
      t.true(partsOf(page).get(fullName(group))?.includes('(8)'), fullName(group));
    }
  });

  test(`${name}: the check above notices each term that is left out`, (t) => {
    const [head = '', commands = ''] = page.split(/^(?=\.SH COMMANDS$)/m);
    const [body = '', tail = ''] = commands.split(/^(?=\.SH EXIT)/m);
    let count = 0;
    for (const { index } of body.matchAll(/^\.TP\n/gm)) {
      const less = `${body.slice(0, index)}.PP\n${body.slice(index + '.TP\n'.length)}`;
      t.is(missingFrom(head + less + tail, root).length, 1);
      count += 1;
    }
    t.true(count > 10, `${count}`);
    const unlisted = page.replace(/^\.TP\n\\fB\\-\\-json/m, '.PP\n\\fB\\-\\-json');
    t.true(missingFrom(unlisted, root).length >= 7);
  });

  test(`${name}: its sections`, (t) => {
    const headings = [...page.matchAll(/^\.SH (.*)$/gm)].map(([, heading]) => heading);
    t.deepEqual(headings, SECTIONS);
    const [, titled] = /^\.TH (\S+) 8 2026-01-02 "dmts 1\.2\.3"/.exec(page) ?? [];
    t.is(`${plain(titled!).toLowerCase()}.8`, name);
    const [, named] = /^\.SH NAME\n(.*) \\- .+\n\.SH/m.exec(page) ?? [];
    t.is(`${plain(named!)}.8`, name);
  });

  test(`${name}: every line is text or a known macro, in ASCII`, (t) => {
    for (const line of page.split('\n')) {
      const [, macro] = /^[.'](\S*)/.exec(line) ?? [];
      t.true(macro === undefined || MACROS.includes(macro), line);
      t.regex(line, /^[\x20-\x7e]{0,80}$/);
      // A bare hyphen may become another character, which a shell does not accept.
      if (!line.startsWith('.TH')) t.notRegex(line, /(?<!\\)-/);
      t.notThrows(() => plain(line));
    }
    t.is(page.match(/^\.EX$/gm)?.length, page.match(/^\.EE$/gm)?.length);
    t.is(page.match(/^\.RS 4$/gm)?.length, page.match(/^\.RE$/gm)?.length);
  });
}

test('the options of all verbs of dmsetup are on the page of dmts', (t) => {
  const options = partsOf(pages.get('dmts.8')!).get('OPTIONS')!;
  const hidden = tree.commands.find((one) => one.name() === 'version')!.options;
  t.true(hidden.length > 10);
  for (const { long } of hidden) t.true(plain(options).includes(long!), long);
});

test('the environment variables are those that the program reads', (t) => {
  const read = new Set(['PATH']);
  for (const file of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.startsWith('testing')) continue;
    const text = readFileSync(join('src', file), 'utf8');
    for (const [, name = ''] of text.matchAll(/\benv\['(\w+)'\]/g)) read.add(name);
  }
  t.deepEqual(ENVIRONMENT.flatMap(([names]) => names.split(', ')).sort(), [...read].sort());
});

/** Programs that complain on stderr or stdout about a page. */
const CHECKERS: Readonly<Record<string, readonly string[]>> = {
  groff: ['-man', '-Tutf8', '-ww', '-z'],
  mandoc: ['-T', 'lint'],
};

for (const [program, options] of Object.entries(CHECKERS)) {
  test(`${program} accepts the pages without a warning`, (t) => {
    const directory = tempDir(t);
    for (const [name, page] of pages) {
      const file = join(directory, name);
      const complaints = (text: string): string => {
        writeFileSync(file, text);
        const { error, stdout, stderr } = spawnSync(program, [...options, file], {
          encoding: 'utf8',
        });
        if (error) throw new Error(`cannot run ${program}: "npm run test:setup" installs it`);
        return stdout + stderr;
      };
      t.is(complaints(page), '');
      t.not(complaints(page.replace('.SH OPTIONS', '.SX OPTIONS\n.RE\n.RE')), '');
    }
  });
}
