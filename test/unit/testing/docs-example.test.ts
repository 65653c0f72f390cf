// Runs the examples of docs/testing.md like a user: saved unchanged, with node --test only.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const SPECIFIERS: readonly (readonly [specifier: string, file: string])[] = [
  ["'dmts'", '../../../src/index.js'],
  ["'dmts/targets'", '../../../src/dm/targets/index.js'],
  ["'dmts/testing'", '../../../src/testing/index.js'],
];

const page = readFileSync('docs/testing.md', 'utf8');
const blocks = [...page.matchAll(/^```(?:js|ts)\n(.*?)^```$/gms)].map(([, code]) => code!);
const examples = blocks.filter((code) => code.includes("'node:test'"));

/** A directory in which the package name resolves to the build of this checkout. */
const withBuild = (code: string): string =>
  SPECIFIERS.reduce(
    (text, [specifier, file]) =>
      text.replaceAll(`from ${specifier}`, `from '${new URL(file, import.meta.url).href}'`),
    code,
  );

test('every example on the page has a test', (t) => {
  t.is(examples.length, blocks.length);
  t.true(examples.length > 0);
});

for (const [i, code] of examples.entries()) {
  test(`example ${i + 1} passes`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'dmts-docs-'));
    t.teardown(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'example.test.mjs');
    writeFileSync(file, withBuild(code));
    // With the environment of the runner of this file, node --test would act as its child.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--test', '--test-reporter=tap', file],
      { env },
    );
    const count = [...code.matchAll(/^test\(/gm)].length;
    t.regex(stdout, new RegExp(`^# pass ${count}$`, 'm'));
    t.regex(stdout, /^# fail 0$/m);
  });
}
