// What thin_ls prints when it is asked for LS_FIELDS without headers, the same in 0.9 and 1.x.

import { notUnderstood } from '../tool-error.ts';

/** A thin device. Blocks are data blocks. */
export interface ListedThin {
  readonly id: number;
  readonly mappedBlocks: bigint;
  /** Those that no other device maps: what deleting it would free. */
  readonly exclusiveBlocks: bigint;
  readonly sharedBlocks: bigint;
  /** The pool's transaction id when it was made. */
  readonly transactionId: bigint;
  /** The pool's time when it was made, and when a snapshot of it was last made. */
  readonly creationTime: number;
  readonly snapTime: number;
}

/** The fields to ask for, in this order. */
export const LS_FIELDS: readonly string[] = [
  'DEV',
  'MAPPED_BLOCKS',
  'EXCLUSIVE_BLOCKS',
  'SHARED_BLOCKS',
  'TRANSACTION',
  'CREATE_TIME',
  'SNAP_TIME',
];

/** The device of a line. @throws ToolError for a line that is not of the fields */
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
