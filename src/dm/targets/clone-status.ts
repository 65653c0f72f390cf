// The status of a clone. Source: Documentation/admin-guide/device-mapper/dm-clone.rst.

import type { Blocks, Sectors } from '../units.ts';
import { type Reported, Words } from './words.ts';

/** Status of a clone that works. */
export interface WorkingClone {
  readonly state: 'working';
  /** Sectors of a metadata block: 8. */
  readonly metadataBlockSize: Sectors<number>;
  /** Metadata blocks. */
  readonly metadata: { readonly used: Blocks<'metadata'>; readonly total: Blocks<'metadata'> };
  /** Sectors of a region. */
  readonly regionSize: Sectors;
  /** Regions: those that are copied, and all. */
  readonly regions: { readonly hydrated: Blocks<'region'>; readonly total: Blocks<'region'> };
  /** Regions that are being copied now. */
  readonly hydrating: Blocks<'region'>;
  /** What is in effect: `no_hydration`, `no_discard_passdown`. */
  readonly features: readonly string[];
  /** Regions copied at a time at most. */
  readonly hydrationThreshold: number | undefined;
  /** Neighbouring regions copied in one go at most. */
  readonly hydrationBatchSize: number | undefined;
  /** `'fail'`: the metadata cannot be written, and no I/O passes. The word of a newer kernel as it is. */
  readonly mode: Reported<'rw' | 'ro' | 'fail'>;
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

/** Status of a clone: `'fail'` when it is offline, `'error'` when the kernel cannot read its own figures. */
export type CloneStatus = WorkingClone | { readonly state: 'fail' | 'error' };

type Core = Pick<WorkingClone, 'hydrationThreshold' | 'hydrationBatchSize'>;

/** Pairs of words; those that nobody knows go to `extra`. */
function readCore(words: Words, extra: string[]): Core {
  let core: Core = { hydrationThreshold: undefined, hydrationBatchSize: undefined };
  while (words.more) {
    const name = words.word('core argument');
    if (name === 'hydration_threshold') core = { ...core, hydrationThreshold: words.count(name) };
    else if (name === 'hydration_batch_size')
      core = { ...core, hydrationBatchSize: words.count(name) };
    else extra.push(name, words.word(name));
  }
  return core;
}

/** @throws ReplyError naming the word that does not fit */
export function parseCloneStatus(text: string): CloneStatus {
  if (text === 'Fail') return { state: 'fail' };
  if (text === 'Error') return { state: 'error' };
  const words = new Words(text, 'clone status');
  const extra: string[] = [];
  const metadataBlockSize = words.count('metadata block size');
  const metadata = words.ratio('metadata blocks');
  const regionSize = words.u64('region size');
  const { used: hydrated, total } = words.ratio('regions');
  const working = {
    state: 'working',
    metadataBlockSize,
    metadata,
    regionSize,
    regions: { hydrated, total },
    hydrating: words.u64('hydrating regions'),
    features: words.group('feature').rest(),
    ...readCore(words.group('core argument'), extra),
    mode: words.known('mode', ['rw', 'ro', 'fail']),
  } as const;
  return { ...working, extra: [...extra, ...words.rest()] };
}
