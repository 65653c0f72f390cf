// Options that dmsetup takes with every verb, and so do the verbs that are dmsetup's.

import { type Command, Option } from 'commander';
import type { Mangling } from '../dm/names.ts';
import { COOKIE_MAGIC, type UdevFlag, type UdevOptions } from '../dm/udev.ts';
import { UsageError } from './exit-status.ts';

/** What they say for the length of one run. */
export interface DmsetupSettings {
  udevcookie?: number;
  noudevsync?: boolean;
  noudevrules?: boolean;
  manglename?: Mangling;
}

/** Prints the device after a change, or before an answer. */
export interface VerboseOption {
  readonly verbose?: boolean;
}

/** How names can be written. */
export const MANGLINGS: readonly string[] = ['auto', 'hex', 'none'] satisfies Mangling[];

/** What they mean is so already, or is nothing that today's kernels know. */
const WITHOUT_EFFECT: readonly string[] = [
  '--checks',
  '--noopencount',
  '--addnodeonresume',
  '--addnodeoncreate',
  '--verifyudev',
];

/** They have an effect where a verb says so, and are taken by the others. */
const ELSEWHERE: readonly string[] = [
  '-y, --yes',
  '-f, --force',
  '--inactive',
  '--noflush',
  '--nolockfs',
  '--retry',
];

/** A cookie, in any base of C; its first half may be left out. @throws UsageError */
export function parseCookie(text: string): number {
  const value = Number(/^0[0-7]+$/.test(text) ? `0o${text.slice(1)}` : text || Number.NaN);
  const cookie = value >>> 16 === 0 ? value + COOKIE_MAGIC * 0x1_0000 : value;
  if (Number.isSafeInteger(cookie) && value > 0) return cookie;
  throw new UsageError(`--udevcookie: expected a number, got ${JSON.stringify(text)}`);
}

const HELP = `
Options of dmsetup that every verb of dmsetup's takes:
  -v, --verbose  print the device after a change, or before an answer
  --noudevsync   do not wait for udev
  --noudevrules  have udev's rules leave the device alone
  --udevcookie <cookie>  count on this cookie, and leave the waiting to whoever made it
  --manglename <mode>    auto, hex or none: how unusual characters in names are written
  ${[...WITHOUT_EFFECT, ...ELSEWHERE.map((flags) => flags.split(' ').at(-1))].join(' ')}:
  taken, and without effect where they are not listed above
A unique beginning of a long option will do.`;

/** Add those that the command does not have yet, and its help text. What they say goes to `settings`. */
export function addDmsetupOptions(command: Command, settings: DmsetupSettings): void {
  const options = [
    new Option('-v, --verbose', 'print the device, too'),
    new Option('--noudevsync', 'do not wait for udev'),
    new Option('--noudevrules', "have udev's rules leave the device alone"),
    new Option('--udevcookie <cookie>', 'count events on this cookie'),
    new Option('--manglename <mode>', 'how unusual characters in names are written').choices(
      MANGLINGS,
    ),
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
  command.addHelpText('after', HELP);
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

/** How to deal with udev; nothing where none of the options says so. */
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
