// Waits for effects that a kernel completes slightly after the call.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Snapshot } from './snapshot.ts';
import type { World } from './world.ts';

const LOOK_AGAIN_MS = 10;
/** A name that no step uses. */
const PROBE = 'dmts-probe';

/** Retry until it succeeds. @throws its error after the time limit */
export async function inTime<T>(
  { settleMs }: Pick<World, 'settleMs'>,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

/**
 * A device with a deferred removal leaves the list before its resources are closed. Its minor number is released last,
 * so this function tries the number of each device that is no longer in the list.
 */
export async function minorsAreFree(
  world: World,
  before: Snapshot,
  after: Snapshot,
): Promise<void> {
  const there = new Set(after.map(({ info }) => info.minor));
  for (const { info } of before) {
    if (there.has(info.minor)) continue;
    await inTime(world, async () => {
      const { dm } = world;
      const { dev } = await dm.create(PROBE, { minor: info.minor });
      await dm.remove({ dev });
    });
  }
}
