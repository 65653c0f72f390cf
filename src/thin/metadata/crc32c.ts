// CRC-32C: the checksum of every block of thin-pool metadata.

/** Castagnoli's polynomial, bit-reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  }
  return remainder;
});

/**
 * The kernel's `crc32c(seed, bytes)`. It inverts nothing, so the result of one call is the seed of the next. The
 * published check value of CRC-32C is the complement of this one with the default seed, `~0`. Source: <linux/crc32c.h>.
 */
export function crc32c(bytes: Uint8Array, seed = 0xffffffff): number {
  let remainder = seed >>> 0;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ TABLE[(remainder ^ byte) & 0xff]!;
  return remainder >>> 0;
}
