// docs/storage.md has exactly the existing options and commands.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { commands } from '../../src/cli/storage/commands.ts';
import { STORAGE_OPTION_NAMES } from '../../src/storage/config/option-table.ts';
import { layerKind } from '../../src/storage/directory/records.ts';

const page = readFileSync('docs/storage.md', 'utf8');
const words = (pattern: RegExp): readonly string[] =>
  [...page.matchAll(pattern)].map(([, word]) => word!);

test('every option has a row, in the order of the code', (t) => {
  t.deepEqual(words(/^\| `(dm\.\w+)` \|/gm), STORAGE_OPTION_NAMES);
});

test('every command has a row', (t) => {
  t.deepEqual(words(/^\| `(?!dm\.)(\w+)[^`]*` \| `\w+`/gm), [...commands.keys()]);
});

test('the record on the page has the bytes of a layer record', (t) => {
  const [record = ''] = words(/ID {21}a layer: (\{.*\})/g);
  t.is(layerKind.print(layerKind.parse(record)), record);
});
