// udevd for the tests of one file; a guest that has one already keeps it.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestFn } from 'ava';

const UDEVD = '/lib/systemd/systemd-udevd';
const CONTROL = '/run/udev/control';
/** It waits for its workers, a worker for what it probes. */
const END_WITHIN_MS = 60_000;

/** The processes of udevd, with blanks between them. */
const pids = (): string =>
  spawnSync('pidof', ['systemd-udevd'], { encoding: 'utf8' }).stdout.trim();

/** What a process is at. */
const stateOf = (pid: string): string =>
  spawnSync('head', [`/proc/${pid}/status`, `/proc/${pid}/stack`], { encoding: 'utf8' }).stdout;

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
      // Its control socket may outlive it, and would make the next file believe that it still runs.
      rmSync(CONTROL, { force: true });
    }
  });
}
