// What snapshot and snapshot-merge have in common: parameters and status.
// Source: drivers/md/dm-snap.c, dm-exception-store.c, dm-snap-persistent.c.

import { InputError } from '../errors.ts';
import type { Sectors, SectorsInput } from '../units.ts';
import { choiceWord } from './checked-words.ts';
import type { TrailingWords } from './kind.ts';
import { type ExtraWords, flag, lowerCase, OptionSet } from './options.ts';
import { deviceWord, type ReportedIn, Words } from './words.ts';
import { lastGroupWords, powerOfTwoWord } from './write-words.ts';

/**
 * How a store keeps what has changed: `'P'` for good, `'N'` until the snapshot is removed, `'PO'` like `'P'`
 * with `'overflow'` as a status of its own.
 */
export type SnapshotStore = 'P' | 'PO' | 'N';

/** Features of a snapshot. */
export interface SnapshotFeatures extends ExtraWords {
  /** A discard of a whole chunk fills the store with zeroes. @default false */
  readonly discardZeroesCow?: boolean;
  /** Discards reach the origin, too; needs `discardZeroesCow`. @default false */
  readonly discardPassdownOrigin?: boolean;
}

/** Parameters of a snapshot, and of one that is being merged. */
export interface SnapshotParams extends SnapshotFeatures {
  /** The device that the snapshot is of: a path, or `major:minor`. */
  readonly origin: string;
  /** Where the chunks go that have changed. Zero its first sectors for a new store. Not the origin. */
  readonly cow: string;
  readonly store: SnapshotStore;
  /**
   * Sectors of a chunk: a power of two, not less than the logical block of both devices.
   * @default 0: what the store says, 32 in a new one; not with `'N'`
   */
  readonly chunkSize?: SectorsInput;
}

/** Parameters of a snapshot as its table reads back: a newer kernel may have other stores. */
export type ReportedSnapshot = ReportedIn<SnapshotParams, 'store'>;

/**
 * Status of a snapshot. `'invalid'`: it ran full, or its store failed; it must be removed. `'overflow'`: it
 * ran full, told apart for stores of kind `'PO'`. `'merge-failed'`: the merge stopped at an error.
 */
export type SnapshotStatus =
  | {
      readonly state: 'working';
      /** Sectors of the store in use, `metadata` among them. A chunk more than `total` if it just ran full. */
      readonly allocated: Sectors;
      /** Sectors of the store. */
      readonly total: Sectors;
      /** Sectors of the store in use for its own book-keeping; absent on old kernels. */
      readonly metadata: Sectors | undefined;
      /** Words that a newer kernel added. */
      readonly extra: readonly string[];
    }
  | { readonly state: 'invalid' | 'overflow' | 'merge-failed' | 'unknown' };

/** The kernel's limit on the bytes of a chunk is INT_MAX. */
const CHUNK_MAX = 2 ** 21;

const features = new OptionSet<SnapshotFeatures>(
  'snapshot',
  {
    discardZeroesCow: flag('discard_zeroes_cow'),
    discardPassdownOrigin: flag('discard_passdown_origin'),
  },
  lowerCase,
);

/** @throws InputError naming the field */
export function formatSnapshot(params: SnapshotParams & TrailingWords, target: string): string {
  const { origin, cow, chunkSize = 0n } = params;
  const store = choiceWord(params.store, `${target}.store`, ['P', 'PO', 'N']);
  const demand = (holds: boolean, field: string, expected: string, received: unknown): void => {
    if (!holds) throw new InputError({ field: `${target}.${field}`, expected, received });
  };
  const words = [
    deviceWord(origin, `${target}.origin`),
    deviceWord(cow, `${target}.cow`),
    store,
    chunkSize === 0 || chunkSize === 0n
      ? '0'
      : powerOfTwoWord(chunkSize, `${target}.chunkSize`, 1, CHUNK_MAX),
  ];
  const options = features.format(params);
  demand(cow !== origin, 'cow', 'a device other than origin', cow);
  demand(store !== 'N' || words[3] !== '0', 'chunkSize', 'a power of two with "N"', chunkSize);
  demand(
    !params.discardPassdownOrigin || params.discardZeroesCow === true,
    'discardPassdownOrigin',
    'false or nothing without discardZeroesCow',
    params.discardPassdownOrigin,
  );
  return [...words, ...lastGroupWords(options, params)].join(' ');
}

/** @throws ReplyError naming the word that does not fit */
export function readSnapshot(words: Words): ReportedSnapshot {
  const params = {
    origin: words.word('origin'),
    cow: words.word('cow'),
    store: storeOf(words.word('store')),
    chunkSize: words.u64('chunk size'),
  };
  const found = features.parse(words.lastGroup('feature'));
  return { ...params, ...found };
}

const STORES: readonly string[] = ['P', 'PO', 'N'] satisfies readonly SnapshotStore[];

/** The kernel compares in any case. */
const storeOf = (word: string): string =>
  STORES.find((store) => store === word.toUpperCase()) ?? word;

/** States that the kernel gives in words. */
const STATES = {
  Invalid: { state: 'invalid' },
  Overflow: { state: 'overflow' },
  'Merge failed': { state: 'merge-failed' },
  Unknown: { state: 'unknown' },
} as const satisfies Readonly<Record<string, SnapshotStatus>>;

/** @throws ReplyError naming the word that does not fit */
export function parseSnapshotStatus(text: string, target: string): SnapshotStatus {
  if (Object.hasOwn(STATES, text)) return STATES[text as keyof typeof STATES];
  const words = new Words(text, `${target} status`);
  // A store that ran full counts the next metadata chunk, for which there was no room.
  const { used, total } = words.ratio('allocated sectors', { over: true });
  return {
    state: 'working',
    allocated: used,
    total,
    metadata: words.more ? words.u64('metadata sectors') : undefined,
    extra: words.rest(),
  };
}
