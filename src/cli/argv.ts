// Converts dmsetup's command lines to the form that this parser accepts.

import type { Command } from 'commander';
import { commands } from './commands.ts';
import { entryOf } from './support/command-entry.ts';
import { UsageError } from './support/exit-status.ts';

/** Options with a value: dmsetup's, and those of command groups. */
const VALUED: readonly string[] = [
  'areas',
  'count',
  'exec',
  'fields',
  'gid',
  'headings',
  'interval',
  'major',
  'manglename',
  'minor',
  'mode',
  'options',
  'readahead',
  'root',
  'select',
  'separator',
  'sort',
  'storage-opt',
  'table',
  'target',
  'udevcookie',
  'uid',
  'units',
  'uuid',
];
const VALUED_SHORT = 'GjmMoOSuU';

/** Options of the program itself. */
const PROGRAM: readonly string[] = ['-h', '--help', '-V', '--version', '--'];

function takesNext(word: string): boolean {
  if (word.startsWith('--')) {
    const name = word.slice(2);
    return VALUED.includes(name) || VALUED.filter((one) => one.startsWith(name)).length === 1;
  }
  const valued = [...word].findIndex((letter, i) => i > 0 && VALUED_SHORT.includes(letter));
  return valued === word.length - 1;
}

/** Moves options that precede the verb behind it, and turns `help VERB...` into `VERB... --help`. */
export function verbFirst(argv: readonly string[]): readonly string[] {
  const [first = '', ...others] = argv;
  const [topic] = others;
  if (first === 'help' && topic !== undefined && !topic.startsWith('-')) {
    // The parser reports an unknown command.
    return entryOf(commands, topic) ? [...others, '--help'] : others;
  }
  let at = 0;
  while (at < argv.length && argv[at]!.startsWith('-') && argv[at] !== '-') {
    if (PROGRAM.includes(argv[at]!)) return argv;
    at += takesNext(argv[at]!) ? 2 : 1;
  }
  const verb = argv[at];
  return verb === undefined ? argv : [verb, ...argv.slice(0, at), ...argv.slice(at + 1)];
}

/** Expands unique prefixes of long options, as getopt_long(3) does. */
export function wholeOptions(
  command: Command,
  words: readonly string[],
  { passThrough = false }: { readonly passThrough?: boolean } = {},
): readonly string[] {
  const whole: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--' || (passThrough && !word.startsWith('-'))) {
      return [...whole, ...words.slice(at)];
    }
    const [, name = '', value = ''] = /^(--[^=]+)(=.*)?$/s.exec(word) ?? [];
    const option = optionOf(command, name);
    whole.push(option?.long ? option.long + value : word);
    const isShort = option ?? command.options.find(({ short }) => short === word);
    if (isShort?.required && value === '' && at + 1 < words.length) whole.push(words[++at]!);
  }
  return whole;
}

function optionOf({ options }: Command, name: string) {
  if (name === '') return undefined;
  const exact = options.find(({ long }) => long === name);
  if (exact) return exact;
  const matching = options.filter(({ long }) => long?.startsWith(name));
  return matching.length === 1 ? matching[0] : undefined;
}

const STATS: Readonly<Record<string, string>> = {
  clear: '@stats_clear',
  create: '@stats_create',
  delete: '@stats_delete',
  list: '@stats_list',
  print: '@stats_print',
  report: '@stats_print',
};

const COOKIES =
  'dmts waits for udev by itself; to share a cookie between commands, create it with dmsetup and pass it with --udevcookie';

const ELSEWHERE: Readonly<Record<string, string>> = {
  udevcreatecookie: COOKIES,
  udevreleasecookie: COOKIES,
  udevcomplete: "use dmsetup's: udev's rules call it",
  udevcomplete_all: 'use dmsetup\'s; "dmts udevcookies" lists the existing cookies',
  udevflags: "use dmsetup's: udev's rules call it",
  vdostats: 'use dmsetup\'s; "dmts message --json NAME 0 stats" prints the statistics',
};

/** @throws UsageError for a dmsetup verb that dmts lacks; the message names the replacement */
export function refuseMissing([verb = '', word = '']: readonly string[]): void {
  if (verb === 'stats') {
    const name = word === '' || word.startsWith('-') ? 'stats' : `stats ${word}`;
    const message = STATS[word];
    const other =
      message === undefined ? '' : `, or "dmts message NAME 0 ${message}" for one device`;
    throw new UsageError(`no "${name}" in dmts: use "dmsetup ${name}"${other}`);
  }
  const instead = Object.hasOwn(ELSEWHERE, verb) ? ELSEWHERE[verb] : undefined;
  if (instead !== undefined) throw new UsageError(`no "${verb}" in dmts: ${instead}`);
}
