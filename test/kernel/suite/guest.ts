// Runs kernel tests on the kernel of this guest, one process per file, in sequence. The last line is the
// summary.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { DeviceMapper } from '../../../src/index.ts';
import { runAva } from './ava.ts';
import { COVERAGE_VARIABLE, coverageLine } from './coverage.ts';
import { formatSummary } from './summary.ts';

const CONFIG = 'test/kernel/ava.config.mjs';

/** The objects that a test can create: devices, loop devices, mounts below the directory for temporary files. */
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
const coverage = process.env[COVERAGE_VARIABLE];
if (coverage !== undefined) console.log(coverageLine(coverage));
console.log(formatSummary({ kernel: release(), ...counts, left: left.length }));
