// Tests whether work grows in proportion to its input, from the processor time of two sizes in one run. Wall-clock time
// would include other work of the machine.

import type { ExecutionContext } from 'ava';

/**
 * The two sizes, in units that a task chooses. The small one is large enough for the same memory: a text of less is not
 * allocated as a large object, which costs more for each byte.
 */
export const SIZES = { small: 200_000, large: 2_000_000 } as const;
/** Proportional work takes 10 times as long, quadratic work 100 times. */
const RATIO_MAX = 40;
/** Less than this is noise from the compiler and the garbage collector. */
const NOISE_MS = 2;
/** Other work of this process only adds time, so the minimum of several runs is the time of the task. */
const RUNS_MAX = 6;

async function processorMs(task: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Assert that `task` takes time in proportion to its size. For tests that run alone (`test.serial`). */
export async function assertProportional(
  t: ExecutionContext,
  task: (size: number) => unknown,
): Promise<void> {
  let [small, large] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const isProportional = (): boolean => large < RATIO_MAX * Math.max(small, NOISE_MS);
  for (let run = 0; run < RUNS_MAX && !isProportional(); run++) {
    small = Math.min(small, await processorMs(() => task(SIZES.small)));
    large = Math.min(large, await processorMs(() => task(SIZES.large)));
  }
  t.true(isProportional(), `10 times the size takes ${large} ms in place of ${small} ms`);
}
