import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { acquireLock, type LockOptions, tryLock } from './lock.ts';
import { allowedProcessors } from './processors.ts';

/** Memory of this machine for one guest, in bytes. */
const MEMORY_OF_A_GUEST = 4 * 2 ** 30;

/** Number of guests that run at once: one per processor, limited by the memory. */
export const slotCount = (): number =>
  Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / MEMORY_OF_A_GUEST)));

/** Permission to run one guest, with a processor and a directory for it. */
export interface Slot extends AsyncDisposable {
  /** The number of a processor that no other slot uses. */
  readonly processor: number;
  /** An empty directory, deleted with the slot. */
  readonly directory: string;
}

/** Takes one of `count` slots. Waits while all are in use, for the one that is free first. */
export async function acquireSlot(
  cache: string,
  count: number,
  { signal, onWait }: LockOptions = {},
): Promise<Slot> {
  const lockOf = (index: number): string => join(cache, `guest-${index}.lock`);
  for (let index = 0; index < count; index += 1) {
    const lock = await tryLock(lockOf(index), signal);
    if (lock) return await slotOf(cache, index, lock);
  }
  const done = new AbortController();
  const waiting = AbortSignal.any(signal ? [signal, done.signal] : [done.signal]);
  const waits = Array.from({ length: count }, async (_, index) => {
    const report = index === 0 && onWait ? { onWait } : {};
    const lock = await acquireLock(lockOf(index), { signal: waiting, ...report });
    if (!done.signal.aborted) {
      done.abort();
      return await slotOf(cache, index, lock);
    }
    await lock[Symbol.asyncDispose]();
    throw done.signal.reason;
  });
  try {
    return await Promise.any(waits);
  } catch (error) {
    signal?.throwIfAborted();
    throw (error as AggregateError).errors[0];
  }
}

async function slotOf(cache: string, index: number, lock: AsyncDisposable): Promise<Slot> {
  const directory = join(cache, 'run', String(index));
  const processors = allowedProcessors();
  const empty = (): Promise<void> => rm(directory, { recursive: true, force: true });
  // This process holds the lock, so any content is from a killed process.
  await empty();
  await mkdir(directory, { recursive: true });
  return {
    processor: processors[index % processors.length]!,
    directory,
    async [Symbol.asyncDispose]() {
      try {
        await empty();
      } finally {
        await lock[Symbol.asyncDispose]();
      }
    },
  };
}
