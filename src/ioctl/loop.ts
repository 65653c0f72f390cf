// Loop devices: a file as a block device. Source: <linux/loop.h>.

import { type FileHandle, open } from 'node:fs/promises';
import { ioctlInThread } from './kernel-call.ts';
import type { Bytes } from './quantity.ts';
import { chars, type RecordCodec, record, u32, u64 } from './record.ts';
import { SyscallError } from './syscall-error.ts';

const LOOP_CONTROL = '/dev/loop-control';
const LOOP_CLR_FD = 0x4c01;
const LOOP_GET_STATUS64 = 0x4c05;
const LOOP_SET_CAPACITY = 0x4c07;
const LOOP_CONFIGURE = 0x4c0a;
const LOOP_CTL_GET_FREE = 0x4c82;

const LO_FLAGS_READ_ONLY = 1;
const LO_FLAGS_AUTOCLEAR = 4;
const LO_FLAGS_DIRECT_IO = 16;

/** Races for a free device we lose before we say so. */
const FREE_TRIES = 100;

const LO_NAME_SIZE = 64;
const INFO_SIZE = 232;

interface LoopInfo {
  readonly device: bigint;
  readonly inode: bigint;
  readonly rdevice: bigint;
  readonly offset: bigint;
  readonly sizeLimit: bigint;
  readonly number: number;
  readonly encryptType: number;
  readonly encryptKeySize: number;
  readonly flags: number;
  readonly fileName: string;
}

/** `struct loop_info64`, without the key fields nobody may set any more. */
export const loopInfo64: RecordCodec<LoopInfo> = record('loop_info64', INFO_SIZE, {
  device: u64(0),
  inode: u64(8),
  rdevice: u64(16),
  offset: u64(24),
  sizeLimit: u64(32),
  number: u32(40),
  encryptType: u32(44),
  encryptKeySize: u32(48),
  flags: u32(52),
  fileName: chars(56, LO_NAME_SIZE),
});

/** `struct loop_config` up to its embedded `loop_info64`, which begins at byte 8. */
export const loopConfig: RecordCodec<{ readonly fd: number; readonly blockSize: number }> = record(
  'loop_config',
  8 + INFO_SIZE + 64,
  { fd: u32(0), blockSize: u32(4) },
);

/** How a file becomes a loop device. */
export interface AttachLoopOptions {
  /** Bytes of the file that come before the device's first. @default 0n */
  readonly offset?: Bytes;
  /** Bytes the device has at most; 0 means all of the file. @default 0n */
  readonly sizeLimit?: Bytes;
  /** @default false */
  readonly readOnly?: boolean;
  /** Detach by itself when the last user closes the device. @default false */
  readonly autoclear?: boolean;
  /**
   * Bypass the page cache of the backing filesystem: `'try'` does so where that filesystem can.
   * @default 'try'
   */
  readonly directIo?: boolean | 'try';
  /** Logical block size in bytes; 0 leaves it to the kernel. @default 0 */
  readonly blockSize?: Bytes<number>;
  readonly signal?: AbortSignal;
}

/** An attached loop device. */
export interface LoopDevice {
  /** `/dev/loop3` */
  readonly path: string;
  readonly number: number;
}

/** What a loop device says of itself. */
export interface LoopStatus {
  /** Device number and inode of the backing file, to tell files apart that share a name. */
  readonly backingDevice: bigint;
  readonly backingInode: bigint;
  /** The first 63 bytes of the backing file's name, as the one who attached it gave it. */
  readonly fileName: string;
  readonly offset: Bytes;
  readonly sizeLimit: Bytes;
  readonly readOnly: boolean;
  readonly autoclear: boolean;
  readonly directIo: boolean;
}

/**
 * Attach `file` to the first free loop device.
 * @throws SyscallError from LOOP_CTL_GET_FREE or LOOP_CONFIGURE (Linux 5.8 or newer), or Node's own from opening
 */
export async function attachLoop(
  file: string,
  options: AttachLoopOptions = {},
): Promise<LoopDevice> {
  await using held = await holdLoop(file, options);
  return { path: held.path, number: held.number };
}

/** An attached loop device, and a descriptor that keeps it open until it is disposed of. */
export interface HeldLoop extends LoopDevice, AsyncDisposable {}

/**
 * Attach `file` to the first free loop device and keep that open. One with `autoclear` then serves for as long
 * as it is held here or used elsewhere, and is gone afterwards however its users end.
 * @throws what `attachLoop` throws
 */
export async function holdLoop(file: string, options: AttachLoopOptions = {}): Promise<HeldLoop> {
  await using backing = await open(file, options.readOnly ? 'r' : 'r+');
  const { directIo = 'try' } = options;
  if (directIo !== 'try') return await holdFirstFree(backing, file, options, directIo);
  try {
    return await holdFirstFree(backing, file, options, true);
  } catch (error) {
    // A filesystem without direct I/O (tmpfs before 6.6, 9p) refuses it with EINVAL.
    if (!isCode(error, 'EINVAL')) throw error;
    return await holdFirstFree(backing, file, options, false);
  }
}

async function holdFirstFree(
  backing: FileHandle,
  file: string,
  { offset = 0n, sizeLimit = 0n, readOnly, autoclear, blockSize = 0, signal }: AttachLoopOptions,
  directIo: boolean,
): Promise<HeldLoop> {
  const flags =
    (readOnly ? LO_FLAGS_READ_ONLY : 0) |
    (autoclear ? LO_FLAGS_AUTOCLEAR : 0) |
    (directIo ? LO_FLAGS_DIRECT_IO : 0);
  for (let tries = 1; ; tries++) {
    const number = await firstFree(signal);
    const path = `/dev/loop${number}`;
    const device = await open(path, readOnly ? 'r' : 'r+');
    const config = loopConfig.encode({ fd: backing.fd, blockSize });
    loopInfo64.encodeInto(
      {
        device: 0n,
        inode: 0n,
        rdevice: 0n,
        offset,
        sizeLimit,
        number: 0,
        encryptType: 0,
        encryptKeySize: 0,
        flags,
        fileName: Buffer.from(file).toString('latin1', 0, LO_NAME_SIZE - 1),
      },
      config,
      8,
    );
    try {
      await ioctlInThread({
        fd: device.fd,
        request: LOOP_CONFIGURE,
        operation: 'LOOP_CONFIGURE',
        argument: config,
        path,
        signal,
      });
      return { path, number, [Symbol.asyncDispose]: () => device.close() };
    } catch (error) {
      await device.close();
      // Somebody else took this device between the two calls: there is another.
      if (tries === FREE_TRIES || !isCode(error, 'EBUSY')) throw error;
    }
  }
}

async function firstFree(signal: AbortSignal | undefined): Promise<number> {
  await using control = await open(LOOP_CONTROL, 'r+');
  const { value } = await ioctlInThread({
    fd: control.fd,
    request: LOOP_CTL_GET_FREE,
    operation: 'LOOP_CTL_GET_FREE',
    path: LOOP_CONTROL,
    signal,
  });
  return value;
}

/**
 * Detach a loop device. One that is still open elsewhere goes when its last user closes it.
 * @throws SyscallError ENXIO when nothing is attached
 */
export async function detachLoop(path: string): Promise<void> {
  await loopIoctl(path, 'r', LOOP_CLR_FD, 'LOOP_CLR_FD');
}

/** Make the device as large as its backing file now is. @throws SyscallError ENXIO when nothing is attached */
export async function refreshLoopCapacity(path: string): Promise<void> {
  await loopIoctl(path, 'r+', LOOP_SET_CAPACITY, 'LOOP_SET_CAPACITY');
}

/** What is attached, and how. @throws SyscallError ENXIO when nothing is attached */
export async function loopStatus(path: string): Promise<LoopStatus> {
  const bytes = await loopIoctl(
    path,
    'r',
    LOOP_GET_STATUS64,
    'LOOP_GET_STATUS64',
    Buffer.alloc(INFO_SIZE),
  );
  const info = loopInfo64.decode(bytes);
  return {
    backingDevice: info.device,
    backingInode: info.inode,
    fileName: Buffer.from(info.fileName, 'latin1').toString(),
    offset: info.offset,
    sizeLimit: info.sizeLimit,
    readOnly: (info.flags & LO_FLAGS_READ_ONLY) !== 0,
    autoclear: (info.flags & LO_FLAGS_AUTOCLEAR) !== 0,
    directIo: (info.flags & LO_FLAGS_DIRECT_IO) !== 0,
  };
}

async function loopIoctl(
  path: string,
  mode: 'r' | 'r+',
  request: number,
  operation: string,
  argument?: Buffer,
): Promise<Buffer> {
  await using device = await open(path, mode);
  const { bytes } = await ioctlInThread({
    fd: device.fd,
    request,
    operation,
    path,
    ...(argument && { argument }),
  });
  return bytes;
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof SyscallError && error.code === code;
