// Runs the kernel tests on this kernel, which is a guest's: a process a file, one after the other. Ends with
// what ran, and fails when a test failed, was skipped, or left something behind.

import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { createInterface } from 'node:readline';
import { DeviceMapper } from '../../../src/index.ts';
import { countTap, emptyCounts, type TapCounts } from './tap.ts';

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

/** Run ava over `files`, or over all kernel tests, and show a line for each test. */
async function runTests(files: readonly string[]): Promise<TapCounts> {
  const ava = spawn(
    process.execPath,
    ['node_modules/ava/entrypoints/cli.mjs', '--config', CONFIG, '--tap', ...files],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve) => ava.once('close', resolve));
  let counts = emptyCounts;
  for await (const line of createInterface({ input: ava.stdout })) {
    counts = countTap(counts, line);
    console.log(line);
  }
  const status = await ended;
  // A file that dies, or has no test, is a failure that no test line tells of.
  return status === 0 || counts.failed > 0 ? counts : { ...counts, failed: counts.failed + 1 };
}

const before = new Set(await leftovers());
const counts = await runTests(process.argv.slice(2));
const left = (await leftovers()).filter((what) => !before.has(what));
for (const what of left) console.log(`left behind: ${what}`);
console.log(
  `Linux ${release()}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ${left.length} left behind`,
);
const good = counts.failed === 0 && counts.skipped === 0 && left.length === 0 && counts.passed > 0;
process.exitCode = good ? 0 : 1;
