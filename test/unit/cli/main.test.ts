// The process of a run.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { mainFile } from '../../support/cli/dmts.ts';
import { tempDir } from '../../support/temp-dir.ts';

test('a command that never ends is a failure, although Node has nothing left to wait for', (t) => {
  const directory = tempDir(t);
  const preload = join(directory, 'never.cjs');
  // The command looks for the directory with it.
  writeFileSync(preload, "require('node:fs/promises').stat = () => new Promise(() => {});");
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--require', preload, mainFile(), 'storage', 'ls', '--root', directory],
    { encoding: 'utf8' },
  );
  t.is(status, 1, stderr);
  t.regex(stderr, /the process stopped before the command ended/);
});
