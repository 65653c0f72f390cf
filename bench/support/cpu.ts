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
