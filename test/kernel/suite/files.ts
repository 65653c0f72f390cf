// Which files of kernel tests there are, and in which order guests take them.

import { readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../', import.meta.url);

/** Left out unless they are named: each takes many minutes. `npm run test:storage` and `npm run test:random` name them. */
const OPT_IN = /^(random\/|storage\/(sweep|crash|diff|many|concurrency)\.)/;

/** Files that take longest, the longest first: begun last, one of them would run alone at the end. */
const SLOW = ['storage/options', 'storage/direct-lvm', 'dmsetup', 'cli'];

/** The name of a file of kernel tests, as people write it: `storage/crash`, `thin-space`. */
export const nameOf = (file: string): string =>
  relative(fileURLToPath(ROOT), file).replace(/\.test\.js$/, '');

/** The compiled files of kernel tests that run when none is named, in the order in which guests take them. */
export function kernelTestFiles(): readonly string[] {
  const names = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js') && !OPT_IN.test(name))
    .map((name) => name.replace(/\.test\.js$/, ''))
    .sort();
  const rank = (name: string): number => {
    const place = SLOW.indexOf(name);
    return place === -1 ? SLOW.length : place;
  };
  return names.toSorted((a, b) => rank(a) - rank(b)).map(fileOf);
}

/** The compiled file of a name: `thin-space`, or the file's path itself. */
export const fileOf = (name: string): string =>
  name.endsWith('.js') ? name : fileURLToPath(new URL(`${name}.test.js`, ROOT));
