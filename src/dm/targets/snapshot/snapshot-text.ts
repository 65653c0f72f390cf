// The parameters and the status of snapshot and snapshot-merge.
// Source: drivers/md/dm-snap.c, dm-exception-store.c, dm-snap-persistent.c.

import type { Sectors, SectorsInput } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { choiceWord } from '../words/checked-words.ts';
import type { TrailingWords } from '../words/kind.ts';
import { type ExtraWords, flag, lowerCase, OptionSet } from '../words/options.ts';
import { deviceWord, type ReportedIn, Words } from '../words/words.ts';
import { lastGroupWords, powerOfTwoWord } from '../words/write-words.ts';

/**
 * Type of the copy-on-write store: `'P'` persistent, `'N'` transient, `'PO'` persistent with `'overflow'` as a separate
 * status.
 */
export type SnapshotStore = 'P' | 'PO' | 'N';

/** Features of a snapshot. */
export interface SnapshotFeatures extends ExtraWords {
  /** A discard of a whole chunk fills the store with zeroes. @default false */
  readonly discardZeroesCow?: boolean;
  /** Also pass discards to the origin; needs `discardZeroesCow`. @default false */
  readonly discardPassdownOrigin?: boolean;
}

/** Parameters of a snapshot and of a merge. */
export interface SnapshotParams extends SnapshotFeatures {
  /** The origin of the snapshot: a path, or `major:minor`. */
  readonly origin: string;
  /** The device for the copy-on-write store, not the origin. For a new store, zero its first sectors. */
  readonly cow: string;
  readonly store: SnapshotStore;
  /**
   * Size of a chunk in sectors: a power of two, at least the logical block size of both devices. 0 uses the size in the
   * store, or 32 for a new store; not with `'N'`.
   * @default 0
   */
  readonly chunkSize?: SectorsInput;
}

/** Parameters of a snapshot, read from its table: a newer kernel may have other stores. */
export type ReportedSnapshot = ReportedIn<SnapshotParams, 'store'>;

/**
 * Status of a snapshot. `'invalid'`: the store is full or has failed; the snapshot must be removed. `'overflow'`: the
 * store is full, reported for `'PO'` only. `'merge-failed'`: the merge stopped at an error.
 */
export type SnapshotStatus =
  | {
      readonly state: 'working';
      /** Used sectors of the store, including `metadata`. A full store can report one chunk more than `total`. */
      readonly allocated: Sectors;
      /** Size of the store in sectors. */
      readonly total: Sectors;
      /** Sectors of the store that its metadata uses; `undefined` on old kernels. */
      readonly metadata: Sectors | undefined;
      /** Words that a newer kernel added. */
      readonly extra: readonly string[];
    }
  | { readonly state: 'invalid' | 'overflow' | 'merge-failed' | 'unknown' };

/** The kernel limits a chunk to INT_MAX bytes. */
const CHUNK_MAX = 2 ** 21;

const features = new OptionSet<SnapshotFeatures>(
  'snapshot',
  {
    discardZeroesCow: flag('discard_zeroes_cow'),
    discardPassdownOrigin: flag('discard_passdown_origin'),
  },
  lowerCase,
);

/** Formats the parameters. @throws InputError naming the field */
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
    'false or no value without discardZeroesCow',
    params.discardPassdownOrigin,
  );
  return [...words, ...lastGroupWords(options, params)].join(' ');
}

/** Reads the parameters. @throws ReplyError naming the invalid word */
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

/** The store of a word; the kernel compares case-insensitively. */
const storeOf = (word: string): string =>
  STORES.find((store) => store === word.toUpperCase()) ?? word;

/** States that the kernel reports as words. */
const STATES = {
  Invalid: { state: 'invalid' },
  Overflow: { state: 'overflow' },
  'Merge failed': { state: 'merge-failed' },
  Unknown: { state: 'unknown' },
} as const satisfies Readonly<Record<string, SnapshotStatus>>;

/** Parses a status text. @throws ReplyError naming the invalid word */
export function parseSnapshotStatus(text: string, target: string): SnapshotStatus {
  if (Object.hasOwn(STATES, text)) return STATES[text as keyof typeof STATES];
  const words = new Words(text, `${target} status`);
  // A full store also counts the next metadata chunk, which no longer fits.
  const { used, total } = words.ratio('allocated sectors', { over: true });
  return {
    state: 'working',
    allocated: used,
    total,
    metadata: words.more ? words.u64('metadata sectors') : undefined,
    extra: words.rest(),
  };
}
