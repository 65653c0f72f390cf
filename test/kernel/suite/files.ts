// Which files of kernel tests there are, and in which order guests take them.

import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../', import.meta.url);

/**
 * Left out unless they are named: each takes many minutes. `npm run test:storage`, `test:crash`, `test:power-cut`,
 * `test:soak`, `test:hostile`, `test:faults`, `test:metadata` and `test:random` name them.
 */
const OPT_IN =
  /^(random\/.*|crash\/(kill-(?!sample|mutations).*|power-cut-.*|hostile-.*|fault-(?!sample).*|soak)|storage\/(crash|diff|many|concurrency)|thin\/large-metadata)$/;

/** Files that test the documentation or the tests themselves: one kernel suffices. */
const ONCE = /^(cli\/(docs|help-examples|tasks)|crash\/.*-mutations?)$/;

/**
 * Files that take about a minute or more, the longest first: begun last, one of them would run alone at the end. Each has
 * a guest of its own.
 */
const SLOW = [
  'storage/look',
  'cli/help-examples',
  'cli/dmsetup',
  'dm/udev-cookies',
  'storage/failures',
  'storage/check',
  'cli/tasks',
  'thin/devices',
  'cli/pool',
  'storage/options',
  'thin/creation',
  'dm/watch',
  'thin/isolation',
  'storage/busy',
  'volumes/kills',
  'volumes/volumes',
  'storage/direct-lvm',
  'thin/snapshots',
  'crash/kill-mutations',
  'crash/kill-sample',
  'crash/fault-sample',
  'crash/power-cut',
  'crash/power-mutation',
  'volumes/images',
  'cli/docs',
  'cli/verbs',
];

/** How many of the other files share a guest. */
const GROUP_SIZE = 6;

/** The name of a file of kernel tests, as people write it: `storage/crash`, `thin/space`. */
export const nameOf = (file: string): string =>
  relative(fileURLToPath(ROOT), file).replace(/\.test\.js$/, '');

/**
 * The compiled files of kernel tests that run when none is named, in the order in which guests take them.
 * @param options.once whether to include the tests for which one kernel suffices
 */
export function kernelTestFiles({ once }: { readonly once: boolean }): readonly string[] {
  const names = namesOf()
    .filter((name) => !OPT_IN.test(name))
    .filter((name) => once || !ONCE.test(name));
  const rank = (name: string): number => {
    const place = SLOW.indexOf(name);
    return place === -1 ? SLOW.length : place;
  };
  return names.toSorted((a, b) => rank(a) - rank(b)).map(fileOf);
}

/** The compiled file of a name: `thin/space`, or the file's path itself. */
const fileOf = (name: string): string =>
  name.endsWith('.js') ? name : fileURLToPath(new URL(`${name}.test.js`, ROOT));

/** The compiled files of a word: `thin/space` is one file, `thin/*` all files whose names begin like this. */
export function filesOf(word: string): readonly string[] {
  return word.endsWith('*') ? namesOf(word.slice(0, -1)).map(fileOf) : [fileOf(word)];
}

/** The names of the files whose names begin with `start`. */
const namesOf = (start = ''): readonly string[] =>
  readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js') && name.startsWith(start))
    .map((name) => name.replace(/\.test\.js$/, ''))
    .toSorted();

/** The files that run in one guest, for all guests: a guest takes seconds to boot. */
export function guestsOf(files: readonly string[]): readonly (readonly string[])[] {
  const isSlow = (file: string): boolean =>
    SLOW.includes(nameOf(file)) || OPT_IN.test(nameOf(file));
  const quick = files.filter((file) => !isSlow(file));
  const groups = Array.from({ length: Math.ceil(quick.length / GROUP_SIZE) }, (_, group) =>
    quick.slice(group * GROUP_SIZE, (group + 1) * GROUP_SIZE),
  );
  return [...files.filter(isSlow).map((file) => [file]), ...groups];
}
