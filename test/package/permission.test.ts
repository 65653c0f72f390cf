// `node --permission`: an operation that is denied without a flag fails with an error that names the flags.

import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { tempDir } from '../support/temp-dir.ts';

const PROGRAM = fileURLToPath(new URL('../fixtures/permitted.js', import.meta.url));
const FLAG = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';
const FLAGS =
  "Under Node's permission model, dmts needs --allow-addons, --allow-worker, --allow-fs-read for all files that it loads or reads, and --allow-fs-write=* for device nodes and their links";

const FLAGS_PATTERN = FLAGS.replaceAll('*', String.raw`\*`);

const NO_ADDONS = `UnavailableError: cannot load koffi: Cannot load native addon because loading addons is disabled. ${FLAGS}`;
const DONE = 'done';
const NO_BLOCK_DEVICE = /^SyscallError: ENOTTY: .*BLKGETSIZE64/;
const NO_THREAD = new RegExp(
  `^UnavailableError: cannot start a thread: Access to this API has been restricted.*\\. ${FLAGS_PATTERN}$`,
);
const NO_NODE = new RegExp(
  `^UnavailableError: cannot open '.*/mapper/control': Access to this API has been restricted.*\\. ${FLAGS_PATTERN}$`,
);
/** Node allows a symbolic link only to a process that may write everywhere. */
const NO_LINK = new RegExp(
  `^UnavailableError: cannot create '.*/mapper/vol': .*\\. ${FLAGS_PATTERN}$`,
);
/** The node is a regular file in these tests. */
const NO_CONTROL = /^DmError: ENOTTY: .*ioctl DM_VERSION/;

const ROWS = [
  ['nothing but reading', [], [NO_ADDONS, NO_ADDONS, NO_NODE, NO_LINK]],
  ['--allow-addons', ['--allow-addons'], [DONE, NO_THREAD, NO_NODE, NO_LINK]],
  ['--allow-worker', ['--allow-worker'], [NO_ADDONS, NO_ADDONS, NO_NODE, NO_LINK]],
  ['both', ['--allow-addons', '--allow-worker'], [DONE, NO_BLOCK_DEVICE, NO_NODE, NO_LINK]],
  [
    'both, and writing in the directory of the nodes',
    ['--allow-addons', '--allow-worker', '--allow-fs-write=DIRECTORY'],
    [DONE, NO_BLOCK_DEVICE, NO_CONTROL, NO_LINK],
  ],
  [
    'both, and writing',
    ['--allow-addons', '--allow-worker', '--allow-fs-write=*'],
    [DONE, NO_BLOCK_DEVICE, NO_CONTROL, DONE],
  ],
] as const;

for (const [title, flags, expected] of ROWS) {
  test(`with ${title}`, async (t) => {
    const directory = tempDir(t);
    mkdirSync(join(directory, 'mapper'));
    writeFileSync(join(directory, 'mapper/control'), '');
    const given = flags.map((flag) => flag.replace('DIRECTORY', join(directory, '*')));
    const args = [FLAG, '--allow-fs-read=*', ...given, PROGRAM, directory, directory];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const lines = stdout.trimEnd().split('\n');
    t.is(lines.length, expected.length, stdout);
    for (const [i, line] of lines.entries()) {
      const wanted = expected[i]!;
      if (typeof wanted === 'string') t.is(line, wanted);
      else t.regex(line, wanted);
    }
  });
}
