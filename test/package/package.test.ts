// package.json is right: the dependencies are those that src imports, and the README's links lead to files of the
// package.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import test from 'ava';
import { PAGES } from '../support/pages.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly files: readonly string[];
};

/** The packages that the files of a folder import, by any syntax. */
function importedBy(folder: string): readonly string[] {
  const names = new Set<string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
    const specifiers = text.matchAll(
      /^(?:import|export)\b[^;'"]*?\bfrom\s+'([^']+)'|\b(?:import|require)\(\s*'([^']+)'/gm,
    );
    for (const [, from, called] of specifiers) {
      const specifier = from ?? called!;
      if (/^[.#/]/.test(specifier) || isBuiltin(specifier)) continue;
      names.add(
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    }
  }
  return [...names].sort();
}

/** The build copies these packages into the files of dmts. */
const BUNDLED: readonly string[] = ['valibot'];

test('the runtime dependencies are the packages that src imports and the build does not copy', (t) => {
  t.deepEqual(importedBy('src'), [...Object.keys(manifest.dependencies), ...BUNDLED].sort());
  for (const name of BUNDLED) t.true(Object.hasOwn(manifest.devDependencies, name), name);
});

test('the package contains the license of each package that the build copies, and of no other', (t) => {
  const titles = readFileSync('dist/LICENSES.txt', 'utf8').matchAll(/^# (.+)$/gm);
  t.deepEqual(
    [...titles].map(([, name]) => name!),
    BUNDLED,
  );
});

test('every relative link of the README leads to a file of the package', (t) => {
  const readme = readFileSync('README.md', 'utf8');
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link!);
  t.true(links.length > 5);
  for (const link of links) {
    t.true(existsSync(link), link);
    t.true(
      manifest.files.some((file) => link === file || link.startsWith(`${file}/`)),
      link,
    );
  }
});

test('every relative link of a page leads to a file', (t) => {
  for (const page of PAGES) {
    for (const [, link = ''] of readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      t.true(existsSync(join(dirname(page), link)), `${page}: ${link}`);
    }
  }
});
