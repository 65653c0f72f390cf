// thin-pool: allocates blocks to thin devices when they are written.
// Source: Documentation/admin-guide/device-mapper/thin-provisioning.rst, drivers/md/dm-thin.c.

import { isList } from '../../../ioctl/input/checks.ts';
import { type Blocks, type BlocksInput, type SectorsInput, sectors } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import type { ExtraWords } from '../words/options.ts';
import { deviceWord, knownWord, type Reported, u64Word, Words } from '../words/words.ts';
import { extraWords, kept } from '../words/write-words.ts';
import { checkThinId } from './thin.ts';

/** Features of a pool, in the order in which the kernel prints them. */
const FEATURES = [
  'skip_block_zeroing',
  'ignore_discard',
  'no_discard_passdown',
  'read_only',
  'error_if_no_space',
] as const;

/** A feature of a pool, by the kernel's word. */
export type ThinPoolFeature = (typeof FEATURES)[number];

/** The kernel accepts at most four features at once. */
const FEATURES_MAX = 4;
const BLOCK_MIN = 128n;
const BLOCK_MAX = 2_097_152n;

/** Parameters of a thin pool. */
export interface ThinPoolParams extends ExtraWords {
  /** The device for the metadata. For a new pool, zero its first 4 KiB: the kernel then formats it. */
  readonly metadataDevice: string;
  readonly dataDevice: string;
  /** Size of a data block in sectors: 128 (64 KiB) to 2097152 (1 GiB), a multiple of 128. @default 128 */
  readonly blockSize?: SectorsInput;
  /** Low-water mark in data blocks: the kernel sends an event when no more than this are free. @default 0 */
  readonly lowWaterMark?: BlocksInput<'data'>;
  /** @default [] */
  readonly features?: readonly ThinPoolFeature[];
}

/** The mode of a pool. An unknown word of a newer kernel is kept. */
export type ThinPoolMode = Reported<'rw' | 'ro' | 'out_of_data_space'>;

/** How the pool handles discards. An unknown word of a newer kernel is kept. */
export type ThinPoolDiscard = Reported<
  'discard_passdown' | 'no_discard_passdown' | 'ignore_discard'
>;

/** How the pool handles writes while no data block is free. An unknown word of a newer kernel is kept. */
export type ThinPoolNoSpace = Reported<'error_if_no_space' | 'queue_if_no_space'>;

/** Status of a working pool. Usage is in blocks: metadata blocks have 4 KiB, data blocks the size in the table. */
export interface WorkingThinPool {
  readonly state: 'working';
  readonly transactionId: bigint;
  readonly metadata: { readonly used: Blocks<'metadata'>; readonly total: Blocks<'metadata'> };
  readonly data: { readonly used: Blocks<'data'>; readonly total: Blocks<'data'> };
  /** Metadata block of the metadata snapshot; `undefined` if none is held. */
  readonly heldRoot: Blocks<'metadata'> | undefined;
  readonly mode: ThinPoolMode;
  readonly discard: ThinPoolDiscard;
  readonly noSpace: ThinPoolNoSpace;
  /** The metadata is damaged or incomplete and must be checked with thin_check before it is written again. */
  readonly needsCheck: boolean;
  /** Free metadata blocks at which the kernel sends an event; `undefined` on old kernels. */
  readonly metadataLowWaterMark: Blocks<'metadata'> | undefined;
  /** Words of a newer kernel that have no field. */
  readonly extra: readonly string[];
}

/** Status of a pool: `'fail'` if it is offline, `'error'` if the kernel cannot determine the status. */
export type ThinPoolStatus = WorkingThinPool | { readonly state: 'fail' | 'error' };

function blockSizeWord(blockSize: SectorsInput): string {
  const size = sectors(blockSize, 'thin-pool.blockSize');
  if (size < BLOCK_MIN || size > BLOCK_MAX || size % BLOCK_MIN !== 0n) {
    throw new InputError({
      field: 'thin-pool.blockSize',
      expected: `a multiple of ${BLOCK_MIN} sectors, from ${BLOCK_MIN} to ${BLOCK_MAX}`,
      received: size,
    });
  }
  return String(size);
}

function checkFeatures(features: readonly ThinPoolFeature[]): void {
  isList(features, 'thin-pool.features');
  const unknown = features.find((feature) => !FEATURES.includes(feature));
  if (unknown !== undefined || features.length > FEATURES_MAX) {
    throw new InputError({
      field: 'thin-pool.features',
      expected: `at most ${FEATURES_MAX} of ${FEATURES.join(', ')}`,
      received: unknown ?? features,
    });
  }
}

/** The messages of a pool. They fail with ENOTSUP while the pool is read-only or has failed. */
export interface ThinPoolMessages extends Messages {
  /** Creates an empty thin device. EEXIST if the id is in use. */
  readonly createThin: (id: number) => string;
  /** Creates a snapshot of a thin device. An active origin must be suspended. */
  readonly createSnap: (id: number, origin: number) => string;
  /** Deletes a thin device. EBUSY while it is active, ENODATA if it does not exist. */
  readonly delete: (id: number) => string;
  /** Changes the transaction id from `from` to `to`. EINVAL if the current one is not `from`. */
  readonly setTransactionId: (from: bigint | number, to: bigint | number) => string;
  /** Creates a metadata snapshot, which tools can read while the pool is in use. EBUSY if one is held. */
  readonly reserveMetadataSnap: () => string;
  /** Releases the metadata snapshot. EINVAL if none is held. */
  readonly releaseMetadataSnap: () => string;
}

const thinPoolMessages: ThinPoolMessages = {
  createThin: (id) => `create_thin ${checkThinId(id)}`,
  createSnap: (id, origin) => `create_snap ${checkThinId(id)} ${checkThinId(origin, 'origin')}`,
  delete: (id) => `delete ${checkThinId(id)}`,
  setTransactionId: (from, to) =>
    `set_transaction_id ${u64Word(from, 'from')} ${u64Word(to, 'to')}`,
  reserveMetadataSnap: () => 'reserve_metadata_snap',
  releaseMetadataSnap: () => 'release_metadata_snap',
};

/** Allocates blocks to thin devices when they are written. Must be the only target of its table. */
export const thinPool: TargetKind<ThinPoolParams, ThinPoolStatus, ThinPoolMessages> = targetKind<
  ThinPoolParams,
  ThinPoolStatus,
  ThinPoolMessages
>('thin-pool', {
  messages: thinPoolMessages,
  formatParams: ({
    metadataDevice,
    dataDevice,
    blockSize = BLOCK_MIN,
    lowWaterMark = 0n,
    features = [],
    extra,
  }: ThinPoolParams) => {
    checkFeatures(features);
    const words = [...features, ...extraWords(extra, 'thin-pool.extra')];
    return [
      deviceWord(metadataDevice, 'thin-pool.metadataDevice'),
      deviceWord(dataDevice, 'thin-pool.dataDevice'),
      blockSizeWord(blockSize),
      u64Word(lowWaterMark, 'thin-pool.lowWaterMark'),
      words.length,
      ...words,
    ].join(' ');
  },
  readParams: (words) => {
    const params = {
      metadataDevice: words.word('metadata device'),
      dataDevice: words.word('data device'),
      blockSize: words.u64('block size'),
      lowWaterMark: words.u64('low-water mark'),
    };
    const group = words.lastGroup('feature');
    const features: ThinPoolFeature[] = [];
    const extra: string[] = [];
    while (group.more) {
      const word = group.word('feature');
      const known = knownWord(word, FEATURES);
      if (known === undefined) extra.push(word);
      else features.push(known);
    }
    return { ...params, features, ...kept(extra) };
  },
  parseStatus: (text) => {
    if (text === 'Fail') return { state: 'fail' };
    if (text === 'Error') return { state: 'error' };
    const words = new Words(text, 'thin-pool status', { strict: true });
    return { state: 'working', ...parseWorking(words) };
  },
});

function parseWorking(words: Words): Omit<WorkingThinPool, 'state'> {
  const transactionId = words.u64('transaction id');
  const metadata = words.ratio('metadata blocks');
  const data = words.ratio('data blocks');
  const heldRoot = words.u64OrDash('held root');
  return {
    transactionId,
    metadata,
    data,
    heldRoot,
    // The status of the first kernels with pools ends here: those pools were always writable.
    mode: words.more ? words.word('mode') : 'rw',
    discard: words.more ? words.word('discards') : 'discard_passdown',
    noSpace: words.more ? words.word('no space') : 'queue_if_no_space',
    needsCheck: words.more && words.flag('check', 'needs_check', '-'),
    metadataLowWaterMark: words.more ? words.u64('metadata low-water mark') : undefined,
    extra: words.rest(),
  };
}
