// Superblocks for tests.

import { crc32c } from '../../../src/thin/metadata/crc32c.ts';

/**
 * The non-zero bytes that thin_restore 0.9.0 wrote, for a pool of 1000 blocks of 64 KiB on metadata of 4 MiB.
 */
const CAPTURED: readonly (readonly [at: number, hex: string])[] = [
  [0, 'fc972661'],
  [32, 'ba529c01 00000000 02000000 03000000 05000000'],
  [64, 'e8030000 00000000 0c000000 00000000 04000000 00000000 05000000 00000000'],
  [192, '00040000 00000000 0c000000 00000000 01000000 00000000 02000000 00000000'],
  [320, '07000000 00000000 06000000 00000000 80000000 08000000 00040000 00000000'],
];

/** Block 0, captured from a disk. */
export function restoredSuperblock(): Buffer {
  const block = Buffer.alloc(4096);
  for (const [at, hex] of CAPTURED) block.write(hex.replaceAll(' ', ''), at, 'hex');
  return block;
}

/** The block with the right checksum for its content. */
export function signed(block: Buffer): Buffer {
  block.writeUInt32LE((crc32c(block.subarray(4)) ^ 160774) >>> 0, 0);
  return block;
}
