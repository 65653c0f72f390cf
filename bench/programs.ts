// The programs whose start is measured: an import of each subpath, and commands up to their first system calls.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));
const CLI = join(ROOT, 'dist/cli/main.cjs');

const { exports: subpaths } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, unknown>>;
};

/** The arguments of node by the name of the program. */
export type Programs = Readonly<Record<string, readonly string[]>>;

/** The arguments of node for an import. */
export const importOf = (specifier: string): readonly string[] => [
  '--input-type=module',
  '-e',
  `import '${specifier}'`,
];

/** An import of each subpath of the package. */
export const IMPORTS: Programs = Object.fromEntries(
  Object.entries(subpaths)
    .filter(([, target]) => typeof target === 'object')
    .map(([path]) => join('dmts', path))
    .map((specifier) => [`import '${specifier}'`, importOf(specifier)]),
);

/** Commands. `storage ls` has a directory that looks like a storage in `directory`, so that it opens the device mapper. */
export const commandsIn = (directory: string): Programs => ({
  'dmts version': [CLI, 'version'],
  'dmts --help': [CLI, '--help'],
  'dmts ls': [CLI, 'ls'],
  'dmts storage ls': [CLI, 'storage', 'ls', '--root', join(directory, 'storage')],
});

/**
 * Writes what the commands find in `directory`. With the environment that it returns, a file is in the place of the control
 * node: the commands load koffi, and their first ioctl fails.
 */
export function furnish(directory: string): NodeJS.ProcessEnv {
  mkdirSync(join(directory, 'storage/metadata'), { recursive: true });
  mkdirSync(join(directory, 'mapper'));
  writeFileSync(join(directory, 'mapper/control'), '');
  return { ...process.env, DM_DEV_DIR: directory };
}
