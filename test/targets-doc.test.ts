import { readFileSync } from 'node:fs';
import test from 'ava';
import { targetsDoc } from '../scripts/targets-doc.ts';

test('docs/targets.md is what the code says: npm run docs:targets writes it anew', (t) => {
  t.is(readFileSync('docs/targets.md', 'utf8'), targetsDoc());
});
