// The difference of two thin devices, in blocks of data.

/** The kinds of a range. */
export const DELTA_KINDS = ['same', 'left_only', 'right_only', 'different'] as const;

/** The pool of the compared devices. It is the first item. */
export interface DeltaSuperblock {
  readonly kind: 'superblock';
  readonly transactionId: bigint;
  /** Sectors of a data block. */
  readonly blockSize: bigint;
  readonly dataBlocks: bigint;
}

/** A range of blocks that both devices map to the same data, only one device maps, or both map to different data. */
export interface DeltaRange {
  readonly kind: (typeof DELTA_KINDS)[number];
  /** The first block of the devices. */
  readonly begin: bigint;
  /** In blocks. */
  readonly length: bigint;
}

/** An item of a comparison. */
export type DeltaItem = DeltaSuperblock | DeltaRange;
