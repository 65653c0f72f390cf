// The states of a disk that a power cut can leave, computed from a log of writes.

import type { LogEntry } from './write-log.ts';

/** Marks that begin with this word say that a step has been acknowledged. */
export const ACKNOWLEDGED = 'acknowledged ';

/** A write that a power cut did not lose, or some sectors of it. */
export interface Survivor {
  /** The entry in the log. */
  readonly index: number;
  /** The range of its bytes that is on the disk. */
  readonly from: number;
  readonly to: number;
}

/** A state of the disk after a power cut. */
export interface PowerCut {
  /** The entries of the log before this index are on the disk. */
  readonly certain: number;
  /** The later writes that are on the disk as well. */
  readonly lucky: readonly Survivor[];
  /** Chance decided what is on the disk. */
  readonly random: boolean;
  /** The number of acknowledged steps. */
  readonly acknowledged: number;
}

const isAcknowledgement = ({ mark }: LogEntry): boolean => mark?.startsWith(ACKNOWLEDGED) ?? false;

/**
 * The states in which the disk has every write before a flush, a FUA write or an acknowledgement, and none after. A state that
 * has the same content as the one before it, and as many acknowledged steps, is left out.
 */
export function cutsAtFlushes(entries: readonly LogEntry[]): readonly PowerCut[] {
  const cuts: PowerCut[] = [{ certain: 0, lucky: [], random: false, acknowledged: 0 }];
  let acknowledged = 0;
  let changed = false;
  for (const [index, entry] of entries.entries()) {
    if (entry.length > 0) changed = true;
    if (isAcknowledgement(entry)) acknowledged++;
    const isPoint = entry.flush || entry.fua || isAcknowledgement(entry);
    if (!isPoint || (!changed && !isAcknowledgement(entry))) continue;
    cuts.push({ certain: index + 1, lucky: [], random: false, acknowledged });
    changed = false;
  }
  return cuts;
}

/** The writes that wait for one flush: any of them may be lost. */
interface Pending {
  readonly from: number;
  readonly to: number;
  readonly acknowledged: number;
}

/** Two writes or more can be lost one without the other. */
const AT_LEAST = 2;

function pendingWrites(entries: readonly LogEntry[]): readonly Pending[] {
  const found: Pending[] = [];
  let acknowledged = 0;
  let from = 0;
  for (const [index, entry] of entries.entries()) {
    if (entry.length > 0 && !entry.flush && !entry.fua) continue;
    if (entry.flush && index - from >= AT_LEAST) found.push({ from, to: index, acknowledged });
    if (isAcknowledgement(entry)) acknowledged++;
    from = index + 1;
  }
  return found;
}

/** A disk writes a sector as a whole. */
const SECTOR = 512;
/** How many of the surviving writes are torn. */
const TORN = 1 / 4;

/** Some sectors of a write, from its begin or to its end. */
function torn(length: number, random: () => number): Omit<Survivor, 'index'> {
  const at = Math.floor(random() * (length / SECTOR + 1)) * SECTOR;
  return random() < 1 / 2 ? { from: 0, to: at } : { from: at, to: length };
}

/**
 * `count` states in which the disk has a random part of the writes that wait for a flush. Some of these writes are torn.
 * @param random a generator of numbers in [0, 1)
 */
export function randomCuts(
  entries: readonly LogEntry[],
  count: number,
  random: () => number,
): readonly PowerCut[] {
  const pending = pendingWrites(entries);
  if (pending.length === 0) throw new Error('no write waits for a flush');
  return Array.from({ length: count }, () => {
    const { from: certain, to, acknowledged } = pending[Math.floor(random() * pending.length)]!;
    const share = random();
    const lucky: Survivor[] = [];
    for (let index = certain; index < to; index++) {
      if (random() >= share) continue;
      const { length } = entries[index]!;
      const part = random() < TORN ? torn(length, random) : { from: 0, to: length };
      lucky.push({ index, ...part });
    }
    return { certain, lucky, random: true, acknowledged };
  });
}

/** The cuts in the order in which a replay of the log reaches them. */
export const inOrder = (cuts: readonly PowerCut[]): readonly PowerCut[] =>
  cuts.toSorted((a, b) => a.certain - b.certain);
