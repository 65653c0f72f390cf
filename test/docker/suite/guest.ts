// Runs the tests with real Docker, whose unpacked packages are in the directory of the first argument. The last line is
// the summary; a failed or skipped test, or anything left behind, is a failure.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { DeviceMapper } from '../../../src/index.ts';
import { runAva } from '../../kernel/suite/ava.ts';
import { dockerEnvironment } from '../../support/docker/environment.ts';

const CONFIG = 'test/docker/ava.config.mjs';

/** Objects that Docker or dmts could leave: devices, loop devices, mounts of thin devices. */
async function leftovers(): Promise<readonly string[]> {
  await using dm = await DeviceMapper.open();
  const devices = (await dm.list()).map(({ name }) => `device ${name}`);
  const loops = execFileSync('losetup', ['-a'], { encoding: 'utf8' }).split('\n');
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  return [
    ...devices,
    ...loops.filter(Boolean).map((line) => `loop device ${line}`),
    ...mounts.filter((line) => line.startsWith('/dev/mapper/')).map((line) => `mount ${line}`),
  ];
}

const [tree = '', ...files] = process.argv.slice(2);
process.env['DMTS_DOCKER'] = tree;
const env = { ...process.env, ...dockerEnvironment(tree) };
const version = execFileSync('dockerd', ['--version'], { env, encoding: 'utf8' }).trim();
const counts = await runAva(CONFIG, files);
const left = await leftovers();
for (const what of left) console.log(`left behind: ${what}`);
console.log(
  `${version}, Linux ${release()}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ${left.length} left behind`,
);
const good = counts.failed === 0 && counts.skipped === 0 && left.length === 0 && counts.passed > 0;
process.exitCode = good ? 0 : 1;
