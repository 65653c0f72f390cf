// The layout of help texts: they wrap at the width of the terminal.

import { type Command, Help, type HelpConfiguration } from 'commander';

/** A term with its meaning: `['LC_ALL', 'the locale']`. */
export type Term = readonly [term: string, meaning: string];

/** A part of a help text: a paragraph, a list of terms, or examples. */
export type HelpPart =
  | string
  | { readonly title: string; readonly terms: readonly Term[] }
  | { readonly title: string; readonly examples: readonly string[] };

/** The width of a text that no terminal shows. */
export const WIDTH = 80;
/** A meaning with fewer columns beside its term moves below it. */
const NARROWEST = 24;
const INDENT = 2;

/** Commander's layout, with narrow terminals in addition. */
export const HELP_LAYOUT: HelpConfiguration = {
  minWidthToWrap: 1,
  subcommandTerm: (command) => command.name(),
  commandUsage(command) {
    const title = 'Usage: '.length;
    const help = this as Help;
    const usage = Help.prototype.commandUsage.call(help, command);
    return help
      .boxWrap(usage, (help.helpWidth ?? WIDTH) - title)
      .replaceAll('\n', `\n${' '.repeat(title)}`);
  },
  formatItem(term, termWidth, meaning, help) {
    const width = help.helpWidth ?? WIDTH;
    if (width - termWidth - 2 * INDENT >= NARROWEST) {
      return Help.prototype.formatItem.call(help, term, termWidth, meaning, help);
    }
    const below = ' '.repeat(3 * INDENT);
    const text = help.boxWrap(meaning, width - below.length).replaceAll('\n', `\n${below}`);
    return `${' '.repeat(INDENT)}${term}${meaning && `\n${below}${text}`}`;
  },
};

/** Adds parts behind the help of `command`. */
export function addHelpParts(command: Command, parts: readonly HelpPart[]): Command {
  return command.addHelpText('after', ({ error }) => {
    const { getErrHelpWidth, getOutHelpWidth } = command.configureOutput();
    const helpWidth = (error ? getErrHelpWidth : getOutHelpWidth)?.() ?? WIDTH;
    const help = command.createHelp();
    help.prepareContext({ helpWidth });
    return parts.map((part) => `\n${partText(part, help, helpWidth)}`).join('\n');
  });
}

function partText(part: HelpPart, help: Help, width: number): string {
  if (typeof part === 'string') return help.boxWrap(part, width);
  const { title } = part;
  if ('examples' in part) {
    const lines = part.examples.flatMap(exampleLines);
    return [title, ...lines.map((line) => ' '.repeat(INDENT) + line)].join('\n');
  }
  const termWidth = Math.max(...part.terms.map(([term]) => term.length));
  const items = part.terms.map(([term, text]) => help.formatItem(term, termWidth, text, help));
  return [help.boxWrap(title, width), ...items].join('\n');
}

/** Breaks an example that is too long before an option, as a shell accepts it. No quoted word contains ` --`. */
export function exampleLines(example: string): readonly string[] {
  const lines: string[] = [];
  for (const piece of example.split(/ (?=--)/)) {
    const last = lines.at(-1);
    const fits = last !== undefined && `${last} ${piece} \\`.length <= WIDTH - INDENT;
    if (fits) lines[lines.length - 1] = `${last} ${piece}`;
    else lines.push(`${last === undefined ? '' : '    '}${piece}`);
  }
  return lines.map((line, i) => (i < lines.length - 1 ? `${line} \\` : line));
}
