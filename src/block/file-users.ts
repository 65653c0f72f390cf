// Finds processes that use files of a lazily unmounted filesystem. No mount table lists it any more, and the kernel's
// paths to its files do not resolve.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatDev } from '../dm/wire/device-number.ts';
import { type HolderSearch, ifSeen } from './holder-places.ts';
import { commandOf, numbersIn } from './process-holders.ts';

/** The time limit of stat(2), in milliseconds. A file server that does not answer is not the searched device. */
const ANSWER_MS = 500;

/** A process that uses a file of a lazily unmounted filesystem on the device. */
export interface FileHolder {
  readonly kind: 'file';
  readonly pid: number;
  readonly command: string;
  /** `'cwd'`, `'root'`, or the number of a descriptor. */
  readonly as: string;
}

/** Processes whose working or root directory or open files are on the device. */
export async function findFileUsers(search: HolderSearch): Promise<readonly FileHolder[]> {
  const found: FileHolder[] = [];
  for (const pid of await numbersIn(search.procDir)) {
    const directory = join(search.procDir, `${pid}`);
    const descriptors = (await numbersIn(join(directory, 'fd'))).map((number) => `${number}`);
    for (const as of ['cwd', 'root', ...descriptors]) {
      const link = join(directory, as === 'cwd' || as === 'root' ? as : `fd/${as}`);
      if (!(await isOn(search, link))) continue;
      found.push({ kind: 'file', pid, command: await commandOf(search, pid), as });
      break;
    }
  }
  return found;
}

async function isOn({ devs }: HolderSearch, link: string): Promise<boolean> {
  const late = new AbortController();
  try {
    const found = await Promise.race([
      ifSeen(stat(link, { bigint: true })),
      sleep(ANSWER_MS, undefined, { signal: late.signal }),
    ]);
    return found !== undefined && devs.has(formatDev(found.dev));
  } finally {
    late.abort();
  }
}
