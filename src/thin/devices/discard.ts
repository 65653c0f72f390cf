// Discards a thin device slice by slice, so that no single call blocks the pool for long. If the pool passes discards
// down, the freed space goes back to the data device, and from a loop device to its file.

import type { CallOptions } from '../../dm/device/options.ts';
import { type Bytes, type BytesInput, bytes, type SectorsInput } from '../../dm/text/units.ts';
import { InputError } from '../../dm/wire/errors.ts';
import { blockDeviceSize, discardBlocks } from '../../ioctl/device/block.ts';
import {
  checkFields,
  type FieldChecks,
  isFunction,
  isPath,
  isQuantity,
  isSignal,
} from '../../ioctl/input/checks.ts';

/** How a device is discarded. */
export interface DiscardThinOptions extends CallOptions {
  /** Bytes per call, a multiple of the pool's block size. @default 1 GiB */
  readonly slice?: BytesInput;
  /** Called after each slice, with the discarded and the total bytes. */
  readonly onProgress?: (done: Bytes, total: Bytes) => void;
}

/** How an inactive thin device is discarded. */
export interface DiscardInactiveOptions extends DiscardThinOptions {
  /** Its length in sectors. */
  readonly length: SectorsInput;
}

const SLICE = 1n << 30n;

const DISCARD: FieldChecks<DiscardThinOptions> = {
  slice: isQuantity,
  onProgress: isFunction,
  signal: isSignal,
};

export const DISCARD_INACTIVE: FieldChecks<DiscardInactiveOptions> = {
  ...DISCARD,
  length: isQuantity,
};

/**
 * Discards the whole active thin device at `path`. **Its data is lost**; blocks that a snapshot shares stay in the
 * snapshot. The caller records the intent to delete the device before: after a crash in between, it has holes.
 * @throws SyscallError ENOTSUP when the pool ignores discards
 */
export async function discardThin(path: string, options: DiscardThinOptions = {}): Promise<void> {
  isPath(path, 'path');
  const slice = checkDiscard(options);
  const { onProgress, signal } = options;
  const total = await blockDeviceSize(path);
  for (let start = 0n; start < total; start += slice) {
    signal?.throwIfAborted();
    const length = total - start < slice ? total - start : slice;
    await discardBlocks(path, { start, length, ...(signal && { signal }) });
    onProgress?.(start + length, total);
  }
}

/** Checks the options. @returns bytes per call @throws InputError */
export function checkDiscard(options: DiscardThinOptions): Bytes {
  checkFields(options, DISCARD);
  const slice = bytes(options.slice ?? SLICE, 'slice');
  if (slice > 0n) return slice;
  throw new InputError({ field: 'slice', expected: 'bytes, above 0', received: slice });
}
