// era: records the era of the last write to each block.
// Source: Documentation/admin-guide/device-mapper/era.rst, drivers/md/dm-era-target.c.

import { type Blocks, type Sectors, type SectorsInput, sectors } from '../../text/units.ts';
import { InputError } from '../../wire/errors.ts';
import { type Messages, type TargetKind, targetKind } from '../words/kind.ts';
import { deviceWord, Words } from '../words/words.ts';
import { boundedWord, U32_MAX } from '../words/write-words.ts';

const BLOCK_MIN = 8n;

/** Parameters of an era target. */
export interface EraParams {
  /** The device for the metadata: a path, or `major:minor`. For a new era target, zero its first 4 KiB. */
  readonly metadataDevice: string;
  /** The device whose writes are tracked. */
  readonly device: string;
  /** Size of a block, the unit of tracking, in sectors: a multiple of 8. */
  readonly blockSize: SectorsInput;
}

/** Status of an era target: `'error'` if the kernel cannot determine the status. */
export type EraStatus =
  | {
      readonly state: 'working';
      /** Size of a metadata block in sectors: 8. */
      readonly metadataBlockSize: Sectors<number>;
      /** Usage in metadata blocks. */
      readonly metadata: { readonly used: Blocks<'metadata'>; readonly total: Blocks<'metadata'> };
      /** The current era. */
      readonly era: number;
      /** Metadata block of the metadata snapshot; `undefined` if none is held. */
      readonly heldRoot: Blocks<'metadata'> | undefined;
      /** Words that a newer kernel added. */
      readonly extra: readonly string[];
    }
  | { readonly state: 'error' | 'fail' };

/** The messages of an era target. */
export interface EraMessages extends Messages {
  /** Starts a new era if necessary. The status has the current era. */
  readonly checkpoint: () => string;
  /** Creates a metadata snapshot, which tools can read while the target is in use. EINVAL if one is held. */
  readonly takeMetadataSnap: () => string;
  /** Releases the metadata snapshot. EINVAL if none is held. */
  readonly dropMetadataSnap: () => string;
}

function blockSizeWord(blockSize: SectorsInput): string {
  const field = 'era.blockSize';
  if (sectors(blockSize, field) % BLOCK_MIN !== 0n) {
    throw new InputError({ field, expected: `a multiple of ${BLOCK_MIN}`, received: blockSize });
  }
  return boundedWord(blockSize, field, BLOCK_MIN, U32_MAX);
}

/** Records the era of the last write to each block, for incremental backups and cache invalidation. */
export const era: TargetKind<EraParams, EraStatus, EraMessages> = targetKind<
  EraParams,
  EraStatus,
  EraMessages
>('era', {
  formatParams: ({ metadataDevice, device, blockSize }: EraParams) =>
    [
      deviceWord(metadataDevice, 'era.metadataDevice'),
      deviceWord(device, 'era.device'),
      blockSizeWord(blockSize),
    ].join(' '),
  readParams: (words) => ({
    metadataDevice: words.word('metadata device'),
    device: words.word('device'),
    blockSize: words.u64('block size'),
  }),
  parseStatus: (text) => {
    if (text === 'Error') return { state: 'error' };
    if (text === 'Fail') return { state: 'fail' };
    const words = new Words(text, 'era status');
    return {
      state: 'working',
      metadataBlockSize: words.count('metadata block size'),
      metadata: words.ratio('metadata blocks'),
      era: words.count('era'),
      heldRoot: words.u64OrDash('held root'),
      extra: words.rest(),
    };
  },
  messages: {
    checkpoint: () => 'checkpoint',
    takeMetadataSnap: () => 'take_metadata_snap',
    dropMetadataSnap: () => 'drop_metadata_snap',
  },
});
