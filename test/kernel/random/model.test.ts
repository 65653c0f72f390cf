// The model kernel and the running kernel give the same results for the same calls.

import test, { type ExecutionContext } from 'ava';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { scratchLoop } from '../../support/kernel/scratch.ts';
import { compareKernels, compareNamed, DISK_SIZES } from '../../support/model/both-worlds.ts';
import { NAMED_SEQUENCES } from '../../support/model/named-sequences.ts';
import { stayOnOneProcessor } from '../../support/model/one-processor.ts';
import type { DiskPaths } from '../../support/model/real-world.ts';
import { runOptions } from '../../support/model/sequences.ts';

/** The same sequences each time, unless FC_SEED and FC_RUNS are set. */
const SEED = 1;
const RUNS = 300;
/** Batches, so that a difference in one does not hide those of the others. */
const BATCH = 25;
const TIME_LIMIT_MS = 240_000;

const scratchDisks = async (t: ExecutionContext): Promise<DiskPaths> => ({
  data0: await scratchLoop(t, DISK_SIZES.data0),
  data1: await scratchLoop(t, DISK_SIZES.data1),
  meta0: await scratchLoop(t, DISK_SIZES.meta0),
  meta1: await scratchLoop(t, DISK_SIZES.meta1),
});

test.before(stayOnOneProcessor);

for (const [title, steps] of NAMED_SEQUENCES) {
  test.serial(`${title}: both kernels agree`, async (t) => {
    await t.notThrowsAsync(compareNamed(await scratchDisks(t), steps));
  });
}

const { seed: firstSeed, runs: allRuns } = runOptions(RUNS, SEED);
for (let done = 0; done < allRuns; done += BATCH) {
  const seed = firstSeed + done / BATCH;
  const runs = Math.min(BATCH, allRuns - done);
  test.serial(`random sequences from seed ${seed}: both kernels agree`, async (t) => {
    t.timeout(2 * TIME_LIMIT_MS);
    const disks = await scratchDisks(t);
    t.log(`FC_SEED=${seed} FC_RUNS=${runs}`);
    const began = Date.now();
    const { sequences, steps, tally } = await compareKernels(disks, {
      seed,
      runs,
      timeLimit: TIME_LIMIT_MS,
    });
    t.log(`${sequences} sequences, ${steps} steps, ${Math.round((Date.now() - began) / 1000)} s`);
    const outcomes = [...tally].toSorted().map(([what, times]) => `${what} ${times}`);
    t.log(outcomes.join(', '));
    t.is(sequences, runs);
  });
}

test.serial('no device and no disk is left', (t) => assertNothingLeft(t));
