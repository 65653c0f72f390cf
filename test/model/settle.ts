// Waiting for what a kernel does a moment after the call that caused it.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Snapshot } from './snapshot.ts';
import type { World } from './world.ts';

/** A deferred removal, and the closing of what it held, take no longer. */
const SETTLE_MS = 1500;
const LOOK_AGAIN_MS = 10;
/** No step uses it. */
const PROBE = 'dmts-probe';

/** Try until it succeeds. @throws what it throws once there has been time enough */
export async function inTime<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

/**
 * A device whose removal was deferred leaves the list before all that was its own is closed. The last to go
 * is its minor number, so each that is no longer in the list is tried.
 */
export async function minorsAreFree(
  { dm }: World,
  before: Snapshot,
  after: Snapshot,
): Promise<void> {
  const there = new Set(after.map(({ info }) => info.minor));
  for (const { info } of before) {
    if (there.has(info.minor)) continue;
    await inTime(async () => {
      const { dev } = await dm.create(PROBE, { minor: info.minor });
      await dm.remove({ dev });
    });
  }
}
