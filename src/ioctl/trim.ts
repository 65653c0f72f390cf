// FITRIM: a mounted filesystem discards what it does not use. Source: <linux/fs.h>, ioctl_fitrim(2).

import { open } from 'node:fs/promises';
import { checkFields, type FieldChecks, isPath, isQuantity, isSignal } from './checks.ts';
import { ioctlInThread } from './kernel-call.ts';
import type { Bytes } from './quantity.ts';
import { record, U64_MAX, u64 } from './record.ts';
import { iowr } from './request.ts';

const FITRIM = iowr('X'.charCodeAt(0), 121, 24);

/** `struct fstrim_range`: what to trim, and in the reply's length what was. */
const range = record('fstrim_range', 24, { start: u64(0), length: u64(8), minLength: u64(16) });

/** A stretch of a filesystem, in bytes, and how to stop. */
export interface TrimOptions {
  /** @default 0n */
  readonly start?: Bytes<bigint | number>;
  /** @default to the end */
  readonly length?: Bytes<bigint | number>;
  /** Free stretches shorter than this are left alone: many small discards can take long. @default 0n */
  readonly minLength?: Bytes<bigint | number>;
  readonly signal?: AbortSignal | undefined;
}

const TRIM: FieldChecks<TrimOptions> = {
  start: isQuantity,
  length: isQuantity,
  minLength: isQuantity,
  signal: isSignal,
};

/**
 * Discard what the filesystem mounted on a directory does not use, and give the bytes. Needs CAP_SYS_ADMIN. Not every
 * filesystem can be interrupted: `signal` may take effect only at the end.
 * @throws SyscallError ENOTSUP where the device cannot discard, ENOTTY where the filesystem cannot trim
 */
export async function trimFilesystem(
  mountPoint: string,
  options: TrimOptions = {},
): Promise<Bytes> {
  isPath(mountPoint, 'mountPoint');
  checkFields(options, TRIM);
  const { start = 0n, length = U64_MAX, minLength = 0n, signal } = options;
  await using directory = await open(mountPoint, 'r');
  const { bytes } = await ioctlInThread({
    fd: directory.fd,
    request: FITRIM,
    operation: 'FITRIM',
    argument: range.encode({
      start: BigInt(start),
      length: BigInt(length),
      minLength: BigInt(minLength),
    }),
    path: mountPoint,
    signal,
  });
  return range.decode(bytes).length;
}
