// FITRIM: a mounted filesystem discards its unused blocks. Source: <linux/fs.h>, ioctl_fitrim(2).

import { open } from 'node:fs/promises';
import type { Bytes } from '../input/checks.ts';
import { checkFields, type FieldChecks, isPath, isQuantity, isSignal } from '../input/checks.ts';
import { record, U64_MAX, u64 } from '../struct/record.ts';
import { iowr } from '../struct/request.ts';
import { ioctlInThread } from '../thread/kernel-call.ts';

const FITRIM = iowr('X'.charCodeAt(0), 121, 24);

/** `struct fstrim_range`: the range to trim; in the reply, `length` is the number of trimmed bytes. */
const range = record('fstrim_range', 24, { start: u64(0), length: u64(8), minLength: u64(16) });

/** The range of the filesystem to trim, in bytes. */
export interface TrimOptions {
  /** @default 0n */
  readonly start?: Bytes<bigint | number>;
  /** @default to the end */
  readonly length?: Bytes<bigint | number>;
  /** Free ranges shorter than this are skipped: many small discards can be slow. @default 0n */
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
 * Discards the unused blocks of the filesystem mounted on a directory. Needs CAP_SYS_ADMIN. Some filesystems cannot be
 * interrupted: then `signal` takes effect only at the end.
 * @returns the number of trimmed bytes
 * @throws SyscallError ENOTSUP if the device does not support discards, ENOTTY if the filesystem does not support FITRIM
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
