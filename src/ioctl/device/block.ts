// Block devices: size, discard, flush (source: <linux/fs.h>), and the node of a device number (source: sysfs).

import { type FileHandle, open, readFile } from 'node:fs/promises';
import type { Bytes } from '../input/checks.ts';
import { checkFields, type FieldChecks, isPath, isQuantity, isSignal } from '../input/checks.ts';
import { type RecordCodec, record, u32, u64 } from '../struct/record.ts';
import { io, ior } from '../struct/request.ts';
import { ioctlInThread } from '../thread/kernel-call.ts';

const BLK = 0x12;
const BLKGETSIZE64 = ior(BLK, 114, 8);
const BLKSSZGET = io(BLK, 104);
const BLKDISCARD = io(BLK, 119);

const size64: RecordCodec<{ readonly bytes: bigint }> = record('u64', 8, { bytes: u64(0) });
const sectorSize: RecordCodec<{ readonly bytes: number }> = record('u32', 4, { bytes: u32(0) });
const range: RecordCodec<{ readonly start: bigint; readonly length: bigint }> = record(
  'u64[2]',
  16,
  { start: u64(0), length: u64(8) },
);

/** The size of a block device in bytes. @throws SyscallError ENOTTY if `path` is not a block device */
export async function blockDeviceSize(path: string): Promise<Bytes> {
  isPath(path, 'path');
  await using device = await open(path, 'r');
  const { bytes } = await ioctlInThread({
    fd: device.fd,
    request: BLKGETSIZE64,
    operation: 'BLKGETSIZE64',
    argument: Buffer.alloc(8),
    path,
  });
  return size64.decode(bytes).bytes;
}

/** The logical block size of a block device in bytes. @throws SyscallError */
export async function logicalBlockSize(path: string): Promise<Bytes<number>> {
  isPath(path, 'path');
  await using device = await open(path, 'r');
  const { bytes } = await ioctlInThread({
    fd: device.fd,
    request: BLKSSZGET,
    operation: 'BLKSSZGET',
    argument: Buffer.alloc(4),
    path,
  });
  return sectorSize.decode(bytes).bytes;
}

/** The range to discard, in bytes. */
export interface DiscardOptions {
  /** First byte; a multiple of the logical block size. */
  readonly start: Bytes<bigint | number>;
  /** Number of bytes; a multiple of the logical block size. */
  readonly length: Bytes<bigint | number>;
  readonly signal?: AbortSignal;
}

const DISCARD: FieldChecks<DiscardOptions> = {
  start: isQuantity,
  length: isQuantity,
  signal: isSignal,
};

/**
 * Discards a range of a block device. **Its data is lost.**
 * @throws SyscallError ENOTSUP if the device does not support discards, EINVAL for a range outside the device or an
 * unaligned one
 */
export async function discardBlocks(path: string, options: DiscardOptions): Promise<void> {
  isPath(path, 'path');
  checkFields(options, DISCARD, ['start', 'length']);
  const { signal } = options;
  const [start, length] = [BigInt(options.start), BigInt(options.length)];
  await using device = await open(path, 'r+');
  await ioctlInThread({
    fd: device.fd,
    request: BLKDISCARD,
    operation: 'BLKDISCARD',
    argument: range.encode({ start, length }),
    path,
    signal,
  });
}

/** Writes back the dirty pages of a block device, and flush the device's own cache. */
export async function flushBlockDevice(path: string): Promise<void> {
  isPath(path, 'path');
  await using device: FileHandle = await open(path, 'r+');
  await device.sync();
}

/**
 * The node that devtmpfs creates for the block device `major:minor`: `/dev/loop0`, `/dev/dm-3`.
 * @throws Node's own ENOENT if the device does not exist
 */
export async function deviceNode(number: string, sysDir = '/sys'): Promise<string> {
  const uevent = await readFile(`${sysDir}/dev/block/${number}/uevent`, 'utf8');
  const name = /^DEVNAME=(.+)$/m.exec(uevent)?.[1];
  if (name === undefined)
    throw new RangeError(`invalid uevent of ${number}: expected DEVNAME, got none`);
  return `/dev/${name}`;
}
