// Runs the kernel tests on this kernel, which is a guest's: a process a file, one after the other. Ends with
// what ran, and fails when a test failed, was skipped, or left something behind.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { DeviceMapper } from '../../../src/index.ts';
import { runAva } from './ava.ts';

const CONFIG = 'test/kernel/ava.config.mjs';

/** What a test could have made: devices, loop devices, mounts below the directory for temporary files. */
async function leftovers(): Promise<readonly string[]> {
  await using dm = await DeviceMapper.open();
  const devices = (await dm.list()).map(({ name }) => `device ${name}`);
  const loops = execFileSync('losetup', ['-a'], { encoding: 'utf8' }).split('\n');
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[1]?.startsWith('/tmp/'));
  const links = readdirSync('/dev/mapper').filter((name) => name !== 'control');
  return [
    ...devices,
    ...loops.filter((line) => line !== '').map((line) => `loop device ${line}`),
    ...mounts.map((line) => `mount ${line}`),
    ...links.map((name) => `node /dev/mapper/${name}`),
  ];
}

const before = new Set(await leftovers());
const counts = await runAva(CONFIG, process.argv.slice(2));
const left = (await leftovers()).filter((what) => !before.has(what));
for (const what of left) console.log(`left behind: ${what}`);
console.log(
  `Linux ${release()}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ${left.length} left behind`,
);
const good = counts.failed === 0 && counts.skipped === 0 && left.length === 0 && counts.passed > 0;
process.exitCode = good ? 0 : 1;
