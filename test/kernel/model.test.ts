// The model kernel beside the kernel that runs this: whatever is done, both do the same.

import test, { type ExecutionContext } from 'ava';
import { bothWorlds, compareKernels, DISK_SIZES } from '../model/both-worlds.ts';
import { NAMED_SEQUENCES } from '../model/named-sequences.ts';
import type { DiskPaths } from '../model/real-world.ts';
import { runOptions } from '../model/sequences.ts';
import { endSideBySide, sideBySide } from '../model/side-by-side.ts';
import { assertNothingLeft } from './helpers/leftovers.ts';
import { scratchLoop } from './helpers/scratch.ts';

const RUNS = 300;
const BATCHES = 30;
const TIME_LIMIT_MS = 1_200_000;

async function scratchDisks(t: ExecutionContext): Promise<DiskPaths> {
  return {
    data0: await scratchLoop(t, DISK_SIZES.data0),
    data1: await scratchLoop(t, DISK_SIZES.data1),
    meta0: await scratchLoop(t, DISK_SIZES.meta0),
    meta1: await scratchLoop(t, DISK_SIZES.meta1),
  };
}

for (const [title, steps] of NAMED_SEQUENCES) {
  test.serial(`${title}: both kernels do the same`, async (t) => {
    const { model, real } = await bothWorlds(await scratchDisks(t));
    const { judge } = sideBySide(model, real);
    try {
      for (const step of steps) await judge(step);
    } finally {
      await endSideBySide(model, real);
    }
    t.pass();
  });
}

// One batch that finds a difference does not hide those of the others.
const { seed: firstSeed, runs: allRuns } = runOptions(RUNS);
for (let batch = 0; batch < BATCHES; batch++) {
  const seed = firstSeed + batch;
  const runs = Math.ceil(allRuns / BATCHES);
  test.serial(`random sequences from seed ${seed}: both kernels do the same`, async (t) => {
    t.timeout(TIME_LIMIT_MS);
    const disks = await scratchDisks(t);
    t.log(`FC_SEED=${seed} FC_RUNS=${runs}`);
    const began = Date.now();
    const { sequences, steps, tally } = await compareKernels(disks, { seed, runs });
    t.log(`${sequences} sequences, ${steps} steps, ${Math.round((Date.now() - began) / 1000)} s`);
    t.log(
      [...tally]
        .toSorted()
        .map((entry) => entry.join(' '))
        .join(', '),
    );
    t.true(steps > sequences);
  });
}

test.serial('no device and no disk is left', (t) => assertNothingLeft(t));
