// The coverage of a guest: what its processes ran reaches the host's directory, and the summary stays the last line.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { COVERAGE_VARIABLE, coverageLine, saveCoverage } from '../../kernel/suite/coverage.ts';
import { tempDir } from '../../support/temp-dir.ts';

const MODULE = fileURLToPath(new URL('../../../src/block/signatures.js', import.meta.url));

test('the merged coverage of two processes is saved, without files outside src', (t) => {
  const guest = tempDir(t);
  const host = tempDir(t);
  for (let run = 0; run < 2; run++) {
    execFileSync(execPath, [MODULE], {
      env: { [COVERAGE_VARIABLE]: guest },
    });
  }
  t.is(readdirSync(guest).length, 2);
  t.is(saveCoverage(`ok 1\n${coverageLine(guest)}\nsummary\n`, host), 'ok 1\nsummary\n');
  const [name] = readdirSync(host);
  const { result } = JSON.parse(readFileSync(`${host}/${name}`, 'utf8')) as {
    readonly result: readonly { readonly url: string }[];
  };
  const files = result.map(({ url }) => fileURLToPath(url));
  t.true(files.includes(MODULE));
  t.deepEqual(
    files.filter((file) => !file.includes('/build/src/')),
    [],
  );
});

test('an output without coverage stays the same', (t) => {
  const host = tempDir(t);
  t.is(saveCoverage('not ok 1\n', host), 'not ok 1\n');
  t.deepEqual(readdirSync(host), []);
});
