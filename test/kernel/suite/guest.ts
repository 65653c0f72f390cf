// Runs kernel tests on this kernel, which is a guest's: a process a file, one after the other. Its last line says what
// came of them.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { DeviceMapper } from '../../../src/index.ts';
import { runAva } from './ava.ts';
import { formatSummary } from './summary.ts';

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
console.log(formatSummary({ kernel: release(), ...counts, left: left.length }));
