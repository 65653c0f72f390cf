// Parses the output of thin_ls for LS_FIELDS without headers, which is the same in 0.9 and 1.x.

import { notUnderstood } from './tool-error.ts';

/** A thin device. Blocks are data blocks. */
export interface ListedThin {
  readonly id: number;
  readonly mappedBlocks: bigint;
  /** Blocks that no other device maps. Deleting the device frees them. */
  readonly exclusiveBlocks: bigint;
  readonly sharedBlocks: bigint;
  /** The pool's transaction id at its creation. */
  readonly transactionId: bigint;
  /** The pool's time at its creation, and at its last snapshot. */
  readonly creationTime: number;
  readonly snapTime: number;
}

/** The requested fields, in this order. */
export const LS_FIELDS: readonly string[] = [
  'DEV',
  'MAPPED_BLOCKS',
  'EXCLUSIVE_BLOCKS',
  'SHARED_BLOCKS',
  'TRANSACTION',
  'CREATE_TIME',
  'SNAP_TIME',
];

/** Parses a line. @throws ToolError for a line without these fields */
export function parseThinLs(line: string): ListedThin {
  const words = line.trim().split(/\s+/);
  if (words.length !== LS_FIELDS.length || !words.every((word) => /^\d{1,20}$/.test(word))) {
    throw notUnderstood('thin_ls', `numbers as ${LS_FIELDS.join(' ')}`, line);
  }
  const [id, mapped, exclusive, shared, transaction, created, snapped] = words.map(BigInt);
  return {
    id: Number(id),
    mappedBlocks: mapped!,
    exclusiveBlocks: exclusive!,
    sharedBlocks: shared!,
    transactionId: transaction!,
    creationTime: Number(created),
    snapTime: Number(snapped),
  };
}
