// Who holds the device that the kernel calls busy.

import { statSync } from 'node:fs';
import { parseDev } from '../dm/device-number.ts';
import { DmError, isDmError } from '../dm/errors.ts';
import type { TargetInput } from '../dm/table.ts';
import { attempt } from '../ioctl/attempt.ts';
import type { Io } from './io.ts';

/** Holders of a device in words, `mounted on /mnt; open in pid 7 (dd) as descriptor 1`; nothing where none is found. */
export async function holdersText(dev: bigint, { sysDir }: Pick<Io, 'sysDir'>): Promise<string> {
  // Only for what has failed already: the library's files take time to load.
  const { findHolders, formatHolder } = await import('../thin/holders.ts');
  const places = sysDir === undefined ? {} : { sysDir };
  const holders = await attempt(() => findHolders(dev, places));
  return (holders ?? []).map(formatHolder).join('; ');
}

/** Run `task`; where it fails because device `dev` cannot be removed, the error says who holds it. */
export async function namingHolders<T>(io: Io, dev: bigint, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!isDmError(error, 'EBUSY') || error.command !== 'DM_DEV_REMOVE') throw error;
    const holders = await holdersText(dev, io);
    if (holders === '') throw error;
    throw withHint(error, `It is ${holders}. With --deferred it goes when the last user has gone`);
  }
}

/** Run `task`, which loads `targets`; where one of their devices is busy, the error says which, and who holds it. */
export async function namingHoldersBelow<T>(
  io: Io,
  targets: readonly TargetInput[],
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!isDmError(error, 'EBUSY') || error.command !== 'DM_TABLE_LOAD') throw error;
    const words = new Set(targets.flatMap(({ params }) => `${params}`.split(/\s+/)));
    const held: string[] = [];
    for (const word of words) {
      const dev = devOf(word);
      const holders = dev === undefined ? '' : await holdersText(dev, io);
      if (holders !== '') held.push(`${word} is ${holders}`);
    }
    throw held.length === 0 ? error : withHint(error, held.join('. '));
  }
}

/** The block device that a word of a table names. */
function devOf(word: string): bigint | undefined {
  if (/^\d+:\d+$/.test(word)) return parseDev(word);
  if (!word.startsWith('/')) return undefined;
  try {
    const { rdev } = statSync(word, { bigint: true });
    return rdev === 0n ? undefined : rdev;
  } catch {
    return undefined;
  }
}

const withHint = (error: DmError, hint: string): DmError => {
  const { errno, command, device, flags, reason, field } = error;
  return new DmError({ errno: -errno, command, device, flags, reason, field, hint, cause: error });
};
