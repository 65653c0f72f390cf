// Waiting for what a kernel does a moment after the call that caused it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Snapshot } from './snapshot.ts';
import type { World } from './world.ts';

const LOOK_AGAIN_MS = 10;
/** No step uses it. */
const PROBE = 'dmts-probe';

/** Try until it succeeds. @throws what it throws once the kernel has had time enough */
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
 * A device whose removal was deferred leaves the list before all that was its own is closed. The last to go
 * is its minor number, so each that is no longer in the list is tried.
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
