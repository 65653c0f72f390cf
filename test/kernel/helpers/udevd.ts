// udevd for the tests of one file; a guest that has one already keeps it.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestFn } from 'ava';

const UDEVD = '/lib/systemd/systemd-udevd';
const CONTROL = '/run/udev/control';

/** Start udevd before the tests of this file, and end it after them. */
export function useUdevd(test: TestFn): void {
  const ours = !existsSync(CONTROL);
  test.before('udevd starts', async (t) => {
    if (ours) execFileSync(UDEVD, ['--daemon'], { stdio: 'ignore' });
    for (let tries = 0; !existsSync(CONTROL); tries++) {
      t.true(tries < 100, 'udevd does not start');
      await sleep(100);
    }
  });
  test.after.always('udevd ends', async () => {
    if (!ours) return;
    execFileSync('udevadm', ['control', '--exit']);
    while (spawnSync('pidof', ['systemd-udevd']).status === 0) await sleep(100);
    // Its control socket may outlive it, and would make the next file believe that it still runs.
    rmSync(CONTROL, { force: true });
  });
}
