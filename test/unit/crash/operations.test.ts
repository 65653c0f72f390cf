import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { OPERATIONS } from '../../support/crash/operations.ts';

const FOLDER = 'test/kernel/crash';

test('each operation of the kill sweep has a test file', (t) => {
  const swept = readdirSync(FOLDER)
    .map((name) => readFileSync(join(FOLDER, name), 'utf8'))
    .flatMap((text) => /^sweepTests\('(.+)'\)/m.exec(text)?.[1] ?? []);
  t.deepEqual(swept.toSorted(), Object.keys(OPERATIONS).toSorted());
});
