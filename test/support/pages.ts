// Every page of the project.

import { readdirSync } from 'node:fs';

const pagesIn = (directory: string, recursive: boolean): readonly string[] =>
  readdirSync(directory, { encoding: 'utf8', recursive })
    .filter((name) => name.endsWith('.md'))
    .toSorted();

/** The paths of all pages, such as `README.md` and `docs/storage.md`. */
export const PAGES: readonly string[] = [
  ...pagesIn('.', false),
  ...pagesIn('docs', true).map((name) => `docs/${name}`),
];
