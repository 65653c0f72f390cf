// What a man page says about one command.

import type { Command, Option } from 'commander';
import { commands } from '../../src/cli/commands.ts';
import { exampleLines } from '../../src/cli/help/help.ts';
import { leftBehind } from '../../src/cli/support/command-tree.ts';
import { descriptionOf } from '../../src/cli/support/describe.ts';
import * as roff from './roff.ts';

const OPTION = /(?<![\w-])--?[a-z][\w-]*/gi;
const USAGE =
  /<(?<needed>[^>]+)>|\[(?<optional>[a-z]+)(?<more>\.\.\.)?\]|(?<literal>--?[\w-]+|[a-z_][\w|-]*)|(?<value>[A-Z_]+)/g;

/** Running text, with bold options. */
export const prose = (text: string): string =>
  roff.formatted(text, OPTION, ([option]) => roff.bold(option));

/** A command line, or an option with its value. */
export const usage = (text: string): string =>
  roff.formatted(text, USAGE, ({ groups = {} }) => {
    const { needed, optional, more = '', literal, value } = groups;
    if (literal !== undefined) return roff.bold(literal);
    if (optional !== undefined) return `[${roff.italic(optional)}${more}]`;
    return roff.italic((needed ?? value)!);
  });

/** The full name of a command: `dmts pool create`. */
export const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

/** The command line of a command. */
export const usageOf = (command: Command): string =>
  usage(command.createHelp().commandUsage(command));

/** An option as a term. */
export function optionTerm(command: Command, option: Option): string {
  const help = command.createHelp();
  return roff.term(usage(help.optionTerm(option)), prose(help.optionDescription(option)));
}

/** The options that the help of a command shows. */
export const optionsOf = (command: Command): readonly Option[] =>
  command.createHelp().visibleOptions(command);

const ended = (text: string): string => (/[.:]$/.test(text) ? text : `${text}.`);

/** The paragraphs of a command's description. */
export const descriptionParagraphs = (command: Command): readonly string[] =>
  command.description().split('\n\n').map(ended).map(prose).map(roff.paragraph);

/** The subsection of a command. `common` are the options that the page explains elsewhere. */
export async function commandPart(
  command: Command,
  common: readonly Option[],
): Promise<readonly string[]> {
  const help = command.createHelp();
  const left = await leftBehind(pathOf(command).split(' ').slice(1), commands);
  const own = optionsOf(command).filter((option) => !common.some((one) => isSame(one, option)));
  const { examples } = descriptionOf(command)!;
  return [
    roff.subsection(pathOf(command)),
    roff.paragraph(usageOf(command)),
    ...descriptionParagraphs(command),
    ...(left === undefined ? [] : [roff.paragraph(prose(`After an interrupt: ${left}.`))]),
    ...help
      .visibleArguments(command)
      .map((argument) =>
        roff.term(roff.italic(argument.name()), prose(help.argumentDescription(argument))),
      ),
    ...own.map((option) => optionTerm(command, option)),
    roff.paragraph(examples.length > 1 ? 'Examples:' : 'Example:'),
    roff.example(examples.flatMap(exampleLines)),
  ];
}

/** Whether two commands share an option. */
export const isSame = (one: Option, other: Option): boolean =>
  one.flags === other.flags && one.description === other.description;
