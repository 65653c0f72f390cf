// The status of a clone. Source: Documentation/admin-guide/device-mapper/dm-clone.rst.

import type { Blocks, Sectors } from '../../text/units.ts';
import { type Reported, Words } from '../words/words.ts';

/** Status of a working clone. */
export interface WorkingClone {
  readonly state: 'working';
  /** Size of a metadata block in sectors: 8. */
  readonly metadataBlockSize: Sectors<number>;
  /** Usage in metadata blocks. */
  readonly metadata: { readonly used: Blocks<'metadata'>; readonly total: Blocks<'metadata'> };
  /** Size of a region in sectors. */
  readonly regionSize: Sectors;
  /** Number of copied regions, and of all regions. */
  readonly regions: { readonly hydrated: Blocks<'region'>; readonly total: Blocks<'region'> };
  /** Regions that are being copied. */
  readonly hydrating: Blocks<'region'>;
  /** The features in effect: `no_hydration`, `no_discard_passdown`. */
  readonly features: readonly string[];
  /** Maximum number of regions copied at a time. */
  readonly hydrationThreshold: number | undefined;
  /** Maximum number of adjacent regions copied with one request. */
  readonly hydrationBatchSize: number | undefined;
  /** `'fail'`: the metadata is not writable and all I/O fails. An unknown word of a newer kernel is kept. */
  readonly mode: Reported<'rw' | 'ro' | 'fail'>;
  /** Words that a newer kernel added. */
  readonly extra: readonly string[];
}

/** Status of a clone: `'fail'` if it is offline, `'error'` if the kernel cannot determine the status. */
export type CloneStatus = WorkingClone | { readonly state: 'fail' | 'error' };

type Core = Pick<WorkingClone, 'hydrationThreshold' | 'hydrationBatchSize'>;

/** Reads the core arguments, pairs of words. Unknown pairs go to `extra`. */
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

/** Parses a status text. @throws ReplyError naming the invalid word */
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
