// The content of a layer as a record: the text of each file.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The content of a layer: the text of each file, by its path. */
export type Content = Readonly<Record<string, string>>;

/** Write every file. */
export function writeContent(directory: string, content: Content): void {
  for (const [path, text] of Object.entries(content)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flush: true });
  }
}

/** Read every file. */
export function readContent(directory: string): Content {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  return Object.fromEntries(
    files.map((file) => [relative(directory, file), readFileSync(file, 'utf8')]),
  );
}
