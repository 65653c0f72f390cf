// Sectors, bytes and blocks as distinct types, and exact conversions: a fraction is an error, never rounded.

import type { Bytes, Quantity } from '../../ioctl/input/checks.ts';
import { InputError } from '../wire/errors.ts';

export type { Bytes } from '../../ioctl/input/checks.ts';

/** A count of sectors of 512 bytes, whatever the disk's sector size; also a sector number, from 0. */
export type Sectors<N extends bigint | number = bigint> = Quantity<'sectors', N>;

/**
 * A count of blocks; also a block number, from 0. `Of` distinguishes kinds: `Blocks<'data'>` is not assignable to
 * `Blocks<'metadata'>`, and both are assignable to `Blocks`. The block size is in the table or the status.
 */
export type Blocks<Of extends string = string, N extends bigint | number = bigint> = Quantity<
  `${Of} blocks`,
  N
>;

/** Bytes from a caller: a bigint, or a number that is a safe integer. */
export type BytesInput = Bytes<bigint | number>;
/** Sectors from a caller: a bigint, or a number that is a safe integer. */
export type SectorsInput = Sectors<bigint | number>;
/** Blocks from a caller: a bigint, or a number that is a safe integer. */
export type BlocksInput<Of extends string = string> = Blocks<Of, bigint | number>;

/** The size of a sector of the device mapper, whatever the disk's sector size: 512 bytes. */
export const SECTOR: Bytes = 512n;

function whole(value: bigint | number, field: string, what: string): bigint {
  if ((typeof value !== 'bigint' && !Number.isSafeInteger(value)) || value < 0) {
    const expected = `${what} as a bigint or a safe integer, not negative`;
    throw new InputError({ field, expected, received: value });
  }
  return BigInt(value);
}

/** Converts bytes to a bigint. @throws InputError for a fraction, a negative or an unsafe number */
export const bytes = (value: BytesInput, field = 'bytes'): Bytes => whole(value, field, 'bytes');

/** Converts sectors to a bigint. @throws InputError for a fraction, a negative or an unsafe number */
export const sectors = (value: SectorsInput, field = 'sectors'): Sectors =>
  whole(value, field, 'sectors');

/** Converts blocks to a bigint. @throws InputError for a fraction, a negative or an unsafe number */
export const blocks = <Of extends string = string>(
  value: BlocksInput<Of>,
  field = 'blocks',
): Blocks<Of> => whole(value, field, 'blocks');

/** Converts sectors to bytes. @throws InputError as `sectors` does */
export const sectorsToBytes = (value: SectorsInput, field = 'sectors'): Bytes =>
  sectors(value, field) * SECTOR;

/** Converts bytes to sectors. @throws InputError for a fraction of a sector, and as `bytes` does */
export function bytesToSectors(value: BytesInput, field = 'bytes'): Sectors {
  const all = bytes(value, field);
  if (all % SECTOR === 0n) return all / SECTOR;
  const expected = 'a whole number of sectors, a multiple of 512 bytes';
  throw new InputError({ field, expected, received: value });
}

function blockSectors(blockSize: SectorsInput): bigint {
  const size = sectors(blockSize, 'blockSize');
  if (size > 0n) return size;
  throw new InputError({ field: 'blockSize', expected: 'at least 1 sector', received: blockSize });
}

/** Converts blocks of `blockSize` sectors to sectors. @throws InputError as `blocks` does, and for a size of 0 */
export const blocksToSectors = (
  value: BlocksInput,
  blockSize: SectorsInput,
  field = 'blocks',
): Sectors => blocks(value, field) * blockSectors(blockSize);

/**
 * Converts sectors to blocks of `blockSize` sectors.
 * @throws InputError for a fraction of a block, as `sectors` does, and for a size of 0
 */
export function sectorsToBlocks<Of extends string = string>(
  value: SectorsInput,
  blockSize: SectorsInput,
  field = 'sectors',
): Blocks<Of> {
  const all = sectors(value, field);
  const size = blockSectors(blockSize);
  if (all % size === 0n) return all / size;
  const expected = `a whole number of blocks, a multiple of ${size} sectors`;
  throw new InputError({ field, expected, received: value });
}
