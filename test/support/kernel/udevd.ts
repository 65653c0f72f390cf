// udevd for the tests of one file. A guest with a running udevd keeps it.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestFn } from 'ava';

const UDEVD = '/lib/systemd/systemd-udevd';
const CONTROL = '/run/udev/control';
/** udevd waits for its workers, and a worker for its probe. */
const END_WITHIN_MS = 60_000;

/** The process ids of udevd, separated by blanks. */
const pids = (): string =>
  spawnSync('pidof', ['systemd-udevd'], { encoding: 'utf8' }).stdout.trim();

/** The state of a process. */
const stateOf = (pid: string): string =>
  spawnSync('head', [`/proc/${pid}/status`, `/proc/${pid}/stack`], { encoding: 'utf8' }).stdout;

/** Start udevd before the tests of this file, and stop it after them. */
export function useUdevd(test: TestFn): void {
  const ours = !existsSync(CONTROL);
  test.before('udevd starts', async (t) => {
    if (ours) execFileSync(UDEVD, ['--daemon'], { stdio: 'ignore' });
    for (let tries = 0; !existsSync(CONTROL); tries++) {
      t.true(tries < 100, 'udevd does not start');
      await sleep(100);
    }
  });
  test.after.always('udevd ends', async (t) => {
    if (!ours) return;
    try {
      execFileSync('udevadm', ['control', '--exit'], { timeout: END_WITHIN_MS });
      for (const end = performance.now() + END_WITHIN_MS; pids() !== ''; await sleep(100)) {
        if (performance.now() > end) throw new Error('udevd does not end');
      }
    } catch (error) {
      t.log(...pids().split(' ').map(stateOf));
      spawnSync('kill', ['-KILL', ...pids().split(' ')]);
      throw error;
    } finally {
      // Its control socket may outlive it; the next file would conclude that udevd is running.
      rmSync(CONTROL, { force: true });
    }
  });
}
