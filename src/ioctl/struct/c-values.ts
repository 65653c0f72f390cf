// Values of C: a string, `struct timespec` of 64-bit Linux (source: <linux/time_types.h>), and dev_t as stat(2) and
// mknod(2) encode it.

import { type RecordCodec, record, u64 } from './record.ts';

/**
 * A NUL-terminated C string in memory of its own, which can be lent to another thread.
 * @throws RangeError for bytes that contain NUL: C would read a shorter string
 */
export function cText(bytes: Uint8Array): Buffer {
  if (bytes.includes(0)) {
    const text = JSON.stringify(Buffer.from(bytes).toString());
    throw new RangeError(`invalid C string: expected bytes without NUL, got ${text}`);
  }
  const text = Buffer.alloc(bytes.length + 1);
  text.set(bytes);
  return text;
}

const MS_PER_SECOND = 1000;
const NS_PER_MS = 1_000_000;

const codec: RecordCodec<{ readonly seconds: bigint; readonly nanoseconds: bigint }> = record(
  'timespec',
  16,
  { seconds: u64(0), nanoseconds: u64(8) },
);

/** A duration in milliseconds as `struct timespec`. */
export const timespec = (ms: number): Buffer =>
  codec.encode({
    seconds: BigInt(Math.floor(ms / MS_PER_SECOND)),
    nanoseconds: BigInt(Math.round((ms % MS_PER_SECOND) * NS_PER_MS)),
  });

/** Encodes a device number as dev_t. Source: gnu_dev_makedev(3) of glibc; musl has the same encoding. */
export const encodeDevT = (major: bigint, minor: bigint): bigint =>
  ((major & 0xfffff000n) << 32n) |
  ((major & 0xfffn) << 8n) |
  ((minor & 0xffffff00n) << 12n) |
  (minor & 0xffn);

/** Decodes the major and minor number of a dev_t. */
export const decodeDevT = (dev: bigint): { readonly major: bigint; readonly minor: bigint } => ({
  major: ((dev >> 32n) & 0xfffff000n) | ((dev >> 8n) & 0xfffn),
  minor: ((dev >> 12n) & 0xffffff00n) | (dev & 0xffn),
});
