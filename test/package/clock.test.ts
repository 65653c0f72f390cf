// Waits use the monotonic clock: the wall clock can jump, and a deadline by it never comes or comes at once.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

/** Files that compare the wall clock with the times of files, which are also by the wall clock, or record when something was created. */
const NEED_WALL_CLOCK = [
  'storage/diff/pack/pack-content.ts',
  'storage/storage-layers.ts',
  'volumes/new-thin.ts',
];

test('only code that compares or records times reads the wall clock', (t) => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('-thread-source.ts'),
  );
  const readers = files.filter((name) =>
    /\bDate\.now\b|\bnew Date\(\)/.test(readFileSync(join('src', name), 'utf8')),
  );
  t.deepEqual(readers.toSorted(), NEED_WALL_CLOCK);
});
