// The package cannot be published without its addresses.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { tempDir } from '../support/temp-dir.ts';

const CHECK = resolve('scripts/publish-check.mjs');

const COMPLETE = {
  repository: { type: 'git', url: 'git+https://example.com/dmts.git' },
  homepage: 'https://example.com/dmts',
  bugs: { url: 'https://example.com/dmts/issues' },
};

const ROWS: readonly (readonly [string, object, readonly string[]])[] = [
  ['all addresses', COMPLETE, []],
  ['none', {}, ['repository', 'homepage', 'bugs']],
  ['an address in short form', { ...COMPLETE, bugs: 'https://example.com/bugs' }, []],
  ['a repository without an address', { ...COMPLETE, repository: { type: 'git' } }, ['repository']],
  ['a homepage that is not an address', { ...COMPLETE, homepage: 'dmts' }, ['homepage']],
];

for (const [what, fields, missing] of ROWS) {
  test(`publish: ${what}`, (t) => {
    const directory = tempDir(t);
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'dmts', ...fields }));
    const { status, stderr } = spawnSync(process.execPath, [CHECK], {
      cwd: directory,
      encoding: 'utf8',
    });
    const named = [...stderr.matchAll(/no address in "(\w+)"/g)].map(([, field]) => field);
    t.deepEqual(named, missing);
    t.is(status, missing.length === 0 ? 0 : 1);
  });
}

test('npm runs the check before it publishes', (t) => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  t.is(scripts.prepublishOnly, 'node scripts/publish-check.mjs');
});
