import { readFileSync } from 'node:fs';
import test from 'ava';
import { targetsDoc } from '../../scripts/targets-doc.ts';

test('docs/targets.md matches the code; npm run docs:targets updates it', (t) => {
  t.is(readFileSync('docs/targets.md', 'utf8'), targetsDoc());
});
