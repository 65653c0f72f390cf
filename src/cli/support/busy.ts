// Names the holders of a busy device.

import { statSync } from 'node:fs';
import type { TargetInput } from '../../dm/text/table.ts';
import { parseDev } from '../../dm/wire/device-number.ts';
import { DmError, isDmError } from '../../dm/wire/errors.ts';
import type { Io } from './io.ts';

/** Describes the holders of a device: `mounted on /mnt; open in pid 7 (dd) as descriptor 1`. Empty if none is found. */
export async function holdersText(dev: bigint, { sysDir }: Pick<Io, 'sysDir'>): Promise<string> {
  // Loaded only after a failure: these modules take time to load.
  const { findHolders, formatHolder } = await import('../../block/holders.ts');
  const places = sysDir === undefined ? {} : { sysDir };
  // A failed search does not replace the error that it would explain.
  const holders = await findHolders(dev, places).catch(() => []);
  return holders.map(formatHolder).join('; ');
}

/** Runs `task`. If it fails because device `dev` is busy, the error names the holders. */
export async function namingHolders<T>(io: Io, dev: bigint, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!isDmError(error, 'EBUSY') || error.command !== 'DM_DEV_REMOVE') throw error;
    const holders = await holdersText(dev, io);
    if (holders === '') throw error;
    throw withHint(
      error,
      `It is ${holders}. With --deferred the kernel removes it when the last holder closes it`,
    );
  }
}

/** Runs `task`, which loads `targets`. If a device below is busy, the error names the device and its holders. */
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

/** The device number of the block device that a word of a table names. */
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
