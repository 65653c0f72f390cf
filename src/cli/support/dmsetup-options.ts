// The options that dmsetup accepts with every verb. The verbs shared with dmsetup accept them too.

import { type Command, Option } from 'commander';
import { COOKIE_MAGIC, type UdevFlag, type UdevOptions } from '../../dm/udev/udev.ts';
import type { Mangling } from '../../dm/wire/names.ts';
import { addHelpParts, type Term } from '../help/help.ts';
import { UsageError } from './exit-status.ts';
import type { DmsetupSettings } from './io.ts';

/** Prints the device after a change, or before the result of a query. */
export interface VerboseOption {
  readonly verbose?: boolean;
}

/** The name mangling modes. */
export const MANGLINGS: readonly string[] = ['auto', 'hex', 'none'] satisfies Mangling[];

/** Options without effect: they request the default, or something that current kernels lack. */
const WITHOUT_EFFECT: readonly string[] = [
  '--checks',
  '--noopencount',
  '--addnodeonresume',
  '--addnodeoncreate',
  '--verifyudev',
];

/** Options that only some verbs act on; the other verbs accept and ignore them. */
const ELSEWHERE: readonly string[] = [
  '-y, --yes',
  '-f, --force',
  '--inactive',
  '--noflush',
  '--nolockfs',
  '--retry',
];

/** Parses a cookie in any base of C. The upper half may be omitted. @throws UsageError */
export function parseCookie(text: string): number {
  const value = Number(/^0[0-7]+$/.test(text) ? `0o${text.slice(1)}` : text || Number.NaN);
  const cookie = value >>> 16 === 0 ? value + COOKIE_MAGIC * 0x1_0000 : value;
  if (Number.isSafeInteger(cookie) && value > 0) return cookie;
  throw new UsageError(`invalid --udevcookie: expected a number, got ${JSON.stringify(text)}`);
}

/** The options that every verb of dmsetup's acts on. */
export const DMSETUP_OPTIONS: readonly Term[] = [
  ['-v, --verbose', 'print the device after a change, or before the result of a query'],
  ['--noudevsync', 'do not wait for udev'],
  ['--noudevrules', "tell udev's rules to ignore the device"],
  ['--udevcookie <cookie>', 'use this cookie; the program that created it waits for udev'],
  ['--manglename <mode>', 'auto, hex or none: how unusual characters in names are written'],
];

/** Options that every verb of dmsetup's accepts, without effect on a verb that does not list them. */
export const IGNORED_OPTIONS: readonly string[] = [
  ...WITHOUT_EFFECT,
  ...ELSEWHERE.map((flags) => flags.split(' ').at(-1)!),
];

/** How long options may be written. */
export const ABBREVIATION = 'A unique prefix of a long option suffices.';

/** Adds the options that the command lacks, and the help text. Their values go to `settings`. */
export function addDmsetupOptions(command: Command, settings: DmsetupSettings): void {
  const options = [
    ...DMSETUP_OPTIONS.map(([flags, text]) => {
      const option = new Option(flags, text);
      return option.name() === 'manglename' ? option.choices(MANGLINGS) : option;
    }),
    ...[...WITHOUT_EFFECT, ...ELSEWHERE].map((flags) => new Option(flags)),
  ];
  const taken = command.options.flatMap(({ short, long }) => [short, long]);
  for (const option of options) {
    if (taken.includes(option.long)) continue;
    if (option.short !== undefined && taken.includes(option.short)) continue;
    command.addOption(option.hideHelp());
    const set = SET[option.attributeName()];
    if (set) command.on(`option:${option.name()}`, (text: string) => set(settings, text));
  }
  addHelpParts(command, [
    { title: 'Options of all commands of dmsetup:', terms: DMSETUP_OPTIONS },
    `These commands also accept the following options, and ignore those that their help does not list: ${IGNORED_OPTIONS.join(' ')}. ${ABBREVIATION}`,
  ]);
}

const SET: Readonly<Record<string, (settings: DmsetupSettings, text: string) => void>> = {
  noudevsync: (settings) => {
    settings.noudevsync = true;
  },
  noudevrules: (settings) => {
    settings.noudevrules = true;
  },
  udevcookie: (settings, text) => {
    settings.udevcookie = parseCookie(text);
  },
  manglename: (settings, text) => {
    settings.manglename = text as Mangling;
  },
};

/** The udev settings; empty if none of the options is given. */
export const udevSettings = ({
  udevcookie: cookie,
  noudevsync,
  noudevrules,
}: DmsetupSettings): UdevOptions => ({
  ...(cookie !== undefined && { cookie }),
  ...(noudevsync && { sync: false }),
  ...(noudevrules && { flags: NO_RULES }),
});

const NO_RULES: readonly UdevFlag[] = ['disable-dm-rules', 'disable-subsystem-rules'];
