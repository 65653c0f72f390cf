// era: which blocks were written in which era.
// Source: Documentation/admin-guide/device-mapper/era.rst, drivers/md/dm-era-target.c.

import { InputError } from '../errors.ts';
import { type Blocks, type Sectors, type SectorsInput, sectors } from '../units.ts';
import { type Messages, type TargetKind, targetKind } from './kind.ts';
import { deviceWord, Words } from './words.ts';
import { boundedWord, U32_MAX } from './write-words.ts';

const BLOCK_MIN = 8n;

/** Parameters of an era target. */
export interface EraParams {
  /** Zero its first 4 KiB for a new era target: a path, or `major:minor`. */
  readonly metadataDevice: string;
  /** The device whose writes are noted. */
  readonly device: string;
  /** Sectors of a block, the unit in which writes are noted: a multiple of 8. */
  readonly blockSize: SectorsInput;
}

/** Status of an era target: `'error'` when the kernel cannot read its own figures. */
export type EraStatus =
  | {
      readonly state: 'working';
      /** Sectors of a metadata block: 8. */
      readonly metadataBlockSize: Sectors<number>;
      /** Metadata blocks. */
      readonly metadata: { readonly used: Blocks<'metadata'>; readonly total: Blocks<'metadata'> };
      /** The era that writes are noted in now. */
      readonly era: number;
      /** Metadata block of the snapshot that is held, if one is. */
      readonly heldRoot: Blocks<'metadata'> | undefined;
      /** Words that a newer kernel added. */
      readonly extra: readonly string[];
    }
  | { readonly state: 'error' | 'fail' };

/** What an era target can be told. */
export interface EraMessages extends Messages {
  /** Begin a new era, possibly: look up in the status which one it is now. */
  readonly checkpoint: () => string;
  /** Hold a copy of the metadata for tools to read while the target is in use. EINVAL when one is held. */
  readonly takeMetadataSnap: () => string;
  /** Let go of it. EINVAL when none is held. */
  readonly dropMetadataSnap: () => string;
}

function blockSizeWord(blockSize: SectorsInput): string {
  const field = 'era.blockSize';
  if (sectors(blockSize, field) % BLOCK_MIN !== 0n) {
    throw new InputError({ field, expected: `a multiple of ${BLOCK_MIN}`, received: blockSize });
  }
  return boundedWord(blockSize, field, BLOCK_MIN, U32_MAX);
}

/** Notes which blocks were written in which era, for backups and caches that must know what has changed. */
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
