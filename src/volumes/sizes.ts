// The sizes of volumes.

import { type Bytes, type BytesInput, bytes, SECTOR } from '../dm/text/units.ts';
import { InputError } from '../dm/wire/errors.ts';
import { VolumeError } from './config/errors.ts';
import type { VolumeRecord } from './directory/record.ts';

/** Files and devices have 63-bit sizes, and Node's positions 53 bits. */
const SIZE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** A size from a caller. @throws InputError unless it is a multiple of a sector, above 0 */
export function wholeSize(value: BytesInput): Bytes {
  const size = bytes(value, 'size');
  if (size > 0n && size % SECTOR === 0n && size <= SIZE_MAX) return size;
  throw new InputError({
    field: 'size',
    expected: `a multiple of ${SECTOR} bytes, above 0 and at most ${SIZE_MAX}`,
    received: value,
  });
}

/** A size that is not smaller than the present one. @throws VolumeError ERR_VOLUME_SIZE */
export function grownSize(name: string, { size }: VolumeRecord, wanted: Bytes): Bytes {
  if (wanted >= size) return wanted;
  throw new VolumeError({
    code: 'ERR_VOLUME_SIZE',
    subject: `volume "${name}"`,
    problem: `cannot shrink it from ${size} to ${wanted} bytes`,
  });
}
