// CPU time of this process. Other work of the machine hardly changes it, unlike wall-clock time.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** CPU time of this process since its start, in milliseconds, of user and kernel. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The CPU time of a task in milliseconds, with a heap without garbage at its start. */
export async function costOf(task: () => unknown): Promise<number> {
  collectGarbage();
  const before = cpuMs();
  await task();
  return cpuMs() - before;
}

/** The CPU time of the longest synchronous piece of an asynchronous task, in milliseconds. */
export async function longestPiece(task: () => Promise<unknown>): Promise<number> {
  collectGarbage();
  let [longest, last, isRunning] = [0, cpuMs(), true];
  const look = (): void => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (isRunning) setImmediate(look);
  };
  setImmediate(look);
  await task();
  isRunning = false;
  look();
  return longest;
}
