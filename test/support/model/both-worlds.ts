// Compares the model kernel with the running kernel: sequences of steps on the same disks.

import { type DiskPaths, realWorld, wipe } from './real-world.ts';
import { type RunFigures, type RunOptions, runSequences, type Trial } from './sequences.ts';
import { endSideBySide, sideBySide, type Tally } from './side-by-side.ts';
import type { Step } from './steps.ts';
import { modelWorld, type World } from './world.ts';

const MiB = 1024 ** 2;

/** Sizes in bytes of the disks of the sequences. */
export const DISK_SIZES: Readonly<Record<keyof DiskPaths, number>> = {
  data0: 16 * MiB,
  data1: 16 * MiB,
  meta0: 2 * MiB,
  meta1: 2 * MiB,
};

/** Both kernels without devices, on disks without a pool. */
export async function bothWorlds(
  disks: DiskPaths,
): Promise<{ readonly model: World; readonly real: World }> {
  wipe(disks.meta0);
  wipe(disks.meta1);
  const real = await realWorld(disks);
  const { version, major } = real;
  return { model: await modelWorld(real.disks, { version, major }), real };
}

/** Run random sequences on both. @throws an error with the shortest sequence that differs, and the difference */
export async function compareKernels(
  disks: DiskPaths,
  options: RunOptions,
): Promise<RunFigures & { readonly tally: Tally }> {
  const tally: Tally = new Map();
  const worlds = new Map<Trial, Awaited<ReturnType<typeof bothWorlds>>>();
  const begin = async (): Promise<Trial> => {
    const both = await bothWorlds(disks);
    const trial = sideBySide(both.model, both.real, tally);
    worlds.set(trial, both);
    return trial;
  };
  const end = async (trial: Trial): Promise<void> => {
    const { model, real } = worlds.get(trial)!;
    worlds.delete(trial);
    await endSideBySide(model, real);
  };
  return { ...(await runSequences(begin, end, options)), tally };
}

/** Run one sequence on both. @throws an error with the difference */
export async function compareNamed(disks: DiskPaths, steps: readonly Step[]): Promise<void> {
  const { model, real } = await bothWorlds(disks);
  const trial = sideBySide(model, real);
  try {
    for (const step of steps) trial.state = await trial.judge(step);
  } finally {
    await endSideBySide(model, real);
  }
}
