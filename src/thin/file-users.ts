// Who uses files of a filesystem that has been unmounted lazily: no mount table has it any more, and the paths that the
// kernel gives lead nowhere.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatDev } from '../dm/device-number.ts';
import { type HolderSearch, ifSeen } from './holder-search.ts';
import type { FileHolder } from './holders.ts';
import { commandOf, numbersIn } from './process-holders.ts';

/** A file whose server does not answer in time is not on a block device of ours. */
const ANSWER_MS = 500;

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
