// Compare the model kernel with the running kernel, in a guest:
//
//   node build/vm/main.js --kernel trixie --timeout 3700 -- node build/fuzz/model.js --minutes 60 --seed 1
//
// Each batch of sequences prints its seed, which reproduces a failure.

import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attachLoop, detachLoop } from '../src/ioctl/index.ts';
import { compareKernels, compareNamed, DISK_SIZES } from '../test/support/model/both-worlds.ts';
import { NAMED_SEQUENCES } from '../test/support/model/named-sequences.ts';
import { stayOnOneProcessor } from '../test/support/model/one-processor.ts';
import type { DiskPaths } from '../test/support/model/real-world.ts';

/** Sequences between two lines of output. */
const BATCH = 25;

/** Run `task` on four loop devices, and detach them afterwards. */
async function onDisks(task: (disks: DiskPaths) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'dmts-fuzz-'));
  const disks: Record<string, string> = {};
  try {
    for (const [name, size] of Object.entries(DISK_SIZES)) {
      const file = join(directory, name);
      writeFileSync(file, '');
      truncateSync(file, size);
      disks[name] = (await attachLoop(file)).path;
    }
    await task(disks as DiskPaths);
  } finally {
    for (const path of Object.values(disks)) await detachLoop(path);
    rmSync(directory, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    // Count differences and continue, without shrinking.
    'keep-going': { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() & 0x7fffffff) },
  },
});
const until = Date.now() + Number(values.minutes) * 60_000;
const goOn = values['keep-going'];

/** Run the task and report a difference; stop there unless `--keep-going` is set. */
async function attempt(title: string, task: () => Promise<string>): Promise<void> {
  try {
    console.log(`${title}: no difference${await task()}`);
  } catch (error) {
    if (!goOn) throw error;
    console.log(`${title}:`, error);
    process.exitCode = 1;
  }
}

stayOnOneProcessor();
await onDisks(async (disks) => {
  for (const [title, sequence] of NAMED_SEQUENCES) {
    await attempt(title, async () => {
      await compareNamed(disks, sequence);
      return '';
    });
  }
  let sequences = 0;
  let steps = 0;
  for (let seed = Number(values.seed); Date.now() < until; seed++) {
    await attempt(`seed ${seed}`, async () => {
      const figures = await compareKernels(disks, { seed, runs: BATCH, endOnFailure: goOn });
      sequences += figures.sequences;
      steps += figures.steps;
      return `; ${sequences} sequences, ${steps} steps so far`;
    });
  }
});
