// Sectors, bytes and blocks, which TypeScript does not let be mixed up, and the exact ways from one to another:
// what is not whole is refused, never rounded.

import type { Bytes, Quantity } from '../ioctl/quantity.ts';
import { InputError } from './errors.ts';

export type { Bytes } from '../ioctl/quantity.ts';

/** Sectors of 512 bytes, whatever the disk's own are; also the number of one, counted from 0. */
export type Sectors<N extends bigint | number = bigint> = Quantity<'sectors', N>;

/**
 * Blocks; also the number of one, counted from 0. `Of` says which: `Blocks<'data'>` is not taken for
 * `Blocks<'metadata'>`, and either for `Blocks`. How large one is stands in the table or the status.
 */
export type Blocks<Of extends string = string, N extends bigint | number = bigint> = Quantity<
  `${Of} blocks`,
  N
>;

/** Bytes from a caller: a bigint, or a number for as long as it is a safe integer. */
export type BytesInput = Bytes<bigint | number>;
/** Sectors from a caller: a bigint, or a number for as long as it is a safe integer. */
export type SectorsInput = Sectors<bigint | number>;
/** Blocks from a caller: a bigint, or a number for as long as it is a safe integer. */
export type BlocksInput<Of extends string = string> = Blocks<Of, bigint | number>;

/** Bytes of a sector. */
const SECTOR = 512n;

function whole(value: bigint | number, field: string, what: string): bigint {
  if ((typeof value !== 'bigint' && !Number.isSafeInteger(value)) || value < 0) {
    const expected = `${what} as a bigint or a safe integer, not negative`;
    throw new InputError({ field, expected, received: value });
  }
  return BigInt(value);
}

/** Bytes as a bigint. @throws InputError for what is no whole number of them, negative, or too large to be exact */
export const bytes = (value: BytesInput, field = 'bytes'): Bytes => whole(value, field, 'bytes');

/** Sectors as a bigint. @throws InputError for what is no whole number of them, negative, or too large to be exact */
export const sectors = (value: SectorsInput, field = 'sectors'): Sectors =>
  whole(value, field, 'sectors');

/** Blocks as a bigint. @throws InputError for what is no whole number of them, negative, or too large to be exact */
export const blocks = <Of extends string = string>(
  value: BlocksInput<Of>,
  field = 'blocks',
): Blocks<Of> => whole(value, field, 'blocks');

/** The bytes of sectors. @throws InputError as `sectors` does */
export const sectorsToBytes = (value: SectorsInput, field = 'sectors'): Bytes =>
  sectors(value, field) * SECTOR;

/** The sectors of bytes. @throws InputError where they are no whole number of sectors, and as `bytes` does */
export function bytesToSectors(value: BytesInput, field = 'bytes'): Sectors {
  const all = bytes(value, field);
  if (all % SECTOR === 0n) return all / SECTOR;
  const expected = 'bytes that make whole sectors, a multiple of 512';
  throw new InputError({ field, expected, received: value });
}

function blockSectors(blockSize: SectorsInput): bigint {
  const size = sectors(blockSize, 'blockSize');
  if (size > 0n) return size;
  throw new InputError({ field: 'blockSize', expected: 'at least 1 sector', received: blockSize });
}

/** The sectors of blocks of `blockSize` sectors each. @throws InputError as `blocks` does, and for a size of 0 */
export const blocksToSectors = (
  value: BlocksInput,
  blockSize: SectorsInput,
  field = 'blocks',
): Sectors => blocks(value, field) * blockSectors(blockSize);

/**
 * The blocks of `blockSize` sectors that sectors make.
 * @throws InputError where they are no whole number of blocks, as `sectors` does, and for a size of 0
 */
export function sectorsToBlocks<Of extends string = string>(
  value: SectorsInput,
  blockSize: SectorsInput,
  field = 'sectors',
): Blocks<Of> {
  const all = sectors(value, field);
  const size = blockSectors(blockSize);
  if (all % size === 0n) return all / size;
  const expected = `sectors that make whole blocks, a multiple of ${size}`;
  throw new InputError({ field, expected, received: value });
}
