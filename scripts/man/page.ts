// One man page, from a command and the commands below it.

import type { Command, Option } from 'commander';
import { exampleLines, type Term } from '../../src/cli/help/help.ts';
import { ENVIRONMENT, EXIT_STATUSES } from '../../src/cli/help-topics.ts';
import { descriptionOf } from '../../src/cli/support/describe.ts';
import {
  commandPart,
  descriptionParagraphs,
  isSame,
  optionsOf,
  optionTerm,
  pathOf,
  prose,
  usage,
  usageOf,
} from './command.ts';
import * as roff from './roff.ts';

/** What the command tree does not tell about a page. */
export interface PageTexts {
  /** For the section NAME: one line. */
  readonly purpose: string;
  /** Paragraphs behind the command's own description. */
  readonly description: readonly string[];
  /** Options behind the command's own. */
  readonly options?: readonly Term[];
  readonly afterOptions?: readonly string[];
  readonly files: readonly Term[];
  readonly examples: readonly string[];
  /** Other pages: `dmsetup(8)`. */
  readonly seeAlso: readonly string[];
}

/** The release that a page documents. */
export interface Release {
  readonly version: string;
  /** `2026-11-28` */
  readonly date: string;
}

/** The name of the page of a command: `dmts-pool`. */
export const nameOf = (command: Command): string => pathOf(command).replaceAll(' ', '-');

const isGroup = (command: Command): boolean => command.commands.length > 0;

/** The commands that a page explains: those below its command, without `help`. */
const commandsOf = (command: Command): readonly Command[] =>
  command.commands.filter((one) => descriptionOf(one) !== undefined);

/** The options that every command of the page has. */
function commonOptions(command: Command): readonly Option[] {
  const [first, ...others] = commandsOf(command).filter((one) => !isGroup(one));
  return optionsOf(first!).filter((option) =>
    others.every((other) => optionsOf(other).some((one) => isSame(one, option))),
  );
}

/** `dmsetup(8)` as other pages refer to it. */
const reference = (page: string): string =>
  roff.formatted(page, /^[\w.-]+/g, ([name]) => roff.bold(name));

const words = (pairs: readonly Term[]): readonly string[] =>
  pairs.map(([tag, text]) => roff.term(roff.bold(tag), prose(text)));

const files = (pairs: readonly Term[]): readonly string[] =>
  pairs.map(([path, text]) =>
    roff.term(
      roff.formatted(path, /[A-Z]+/g, ([word]) => roff.italic(word)),
      prose(text),
    ),
  );

/** The command lines of a page: those of its commands, or the common form of many. */
function synopsis(command: Command): readonly string[] {
  if (command.parent) return [command, ...commandsOf(command)].map(usageOf);
  return [usageOf(command), usage('dmts help [command]')];
}

/** The subsection of a group, which has a page of its own. */
const groupPart = (group: Command): readonly string[] => [
  roff.subsection(pathOf(group)),
  roff.paragraph(usageOf(group)),
  roff.paragraph(`${prose(group.summary())}. See ${reference(`${nameOf(group)}(8)`)}.`),
];

/** The options of a command and those that all commands below it have. */
function optionsPart(command: Command, { options = [] }: PageTexts): readonly string[] {
  const own = optionsOf(command);
  const common = commonOptions(command).filter((one) => !own.some((other) => isSame(one, other)));
  return [
    ...[...own, ...common].map((option) => optionTerm(command, option)),
    ...options.map(([flags, text]) => roff.term(usage(flags), prose(text))),
  ];
}

/** The source of the man page of `command`. */
export async function manPage(
  command: Command,
  texts: PageTexts,
  { version, date }: Release,
): Promise<string> {
  const common = [...commonOptions(command), ...optionsOf(command)];
  const parts = commandsOf(command).map((one) =>
    isGroup(one) ? groupPart(one) : commandPart(one, common),
  );
  const paragraphs = (list: readonly string[] = []): readonly string[] =>
    list.map((text) => roff.paragraph(prose(text)));
  return roff.document([
    roff.title(nameOf(command), date, `dmts ${version}`, 'System Administration'),
    roff.section('NAME'),
    `${roff.escaped(nameOf(command))} \\- ${roff.escaped(texts.purpose)}`,
    roff.section('SYNOPSIS'),
    roff.lines(synopsis(command)),
    roff.section('DESCRIPTION'),
    ...descriptionParagraphs(command),
    ...paragraphs(texts.description),
    roff.section('OPTIONS'),
    ...optionsPart(command, texts),
    ...paragraphs(texts.afterOptions),
    roff.section('COMMANDS'),
    ...(await Promise.all(parts)).flat(),
    roff.section('EXIT STATUS'),
    ...words(EXIT_STATUSES),
    roff.section('ENVIRONMENT'),
    ...words(ENVIRONMENT),
    roff.section('FILES'),
    ...files(texts.files),
    roff.section('EXAMPLES'),
    roff.example(texts.examples.flatMap(exampleLines)),
    roff.section('SEE ALSO'),
    roff.lines([texts.seeAlso.map(reference).join(', ')]),
  ]);
}
