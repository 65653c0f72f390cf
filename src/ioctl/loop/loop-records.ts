// The C structs of loop devices, their meaning, and the requests that take them. Source: <linux/loop.h>.

import type { Bytes } from '../input/checks.ts';
import { chars, type RecordCodec, record, u32, u64 } from '../struct/record.ts';

/** The ioctl requests of a loop device. */
export const LOOP_REQUESTS = {
  LOOP_SET_FD: 0x4c00,
  LOOP_CLR_FD: 0x4c01,
  LOOP_SET_STATUS64: 0x4c04,
  LOOP_GET_STATUS64: 0x4c05,
  LOOP_SET_CAPACITY: 0x4c07,
  LOOP_SET_DIRECT_IO: 0x4c08,
  LOOP_SET_BLOCK_SIZE: 0x4c09,
  LOOP_CONFIGURE: 0x4c0a,
} as const;

/** The name of a request. */
export type LoopRequest = keyof typeof LOOP_REQUESTS;

const LO_FLAGS_READ_ONLY = 1;
const LO_FLAGS_AUTOCLEAR = 4;
const LO_FLAGS_DIRECT_IO = 16;

const LO_NAME_SIZE = 64;
const INFO_SIZE = 232;
/** Bytes after `loop_info64` in `loop_config`. */
const RESERVED = 64;

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

/** `struct loop_info64`, without the obsolete key fields. */
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
  8 + INFO_SIZE + RESERVED,
  { fd: u32(0), blockSize: u32(4) },
);

/** Options of attaching a file to a loop device. */
export interface AttachLoopOptions {
  /** Offset in the file at which the device begins, in bytes. @default 0n */
  readonly offset?: Bytes<bigint | number>;
  /** Maximum size of the device in bytes; 0 means the rest of the file. @default 0n */
  readonly sizeLimit?: Bytes<bigint | number>;
  /** @default false */
  readonly readOnly?: boolean;
  /** Detach the file at the last close of the device. @default false */
  readonly autoclear?: boolean;
  /**
   * Bypass the page cache of the backing filesystem. `'try'` does so if a test read of one logical block succeeds: a
   * filesystem may accept direct I/O and then reject each request. A disk with sectors of 4096 bytes needs a `blockSize`
   * of 4096. `true` throws if the test read fails.
   * @default 'try'
   */
  readonly directIo?: boolean | 'try';
  /** Logical block size in bytes; 0 leaves it to the kernel. @default 0 */
  readonly blockSize?: Bytes<number>;
  readonly signal?: AbortSignal;
}

/** Status of a loop device. */
export interface LoopStatus {
  /** Device number and inode of the backing file. They identify the file; its name does not. */
  readonly backingDevice: bigint;
  readonly backingInode: bigint;
  /** The first 63 bytes of the backing file's name, as given when it was attached. */
  readonly fileName: string;
  readonly offset: Bytes;
  readonly sizeLimit: Bytes;
  readonly readOnly: boolean;
  readonly autoclear: boolean;
  readonly directIo: boolean;
}

/** The settings of a loop device. */
export interface LoopSetup
  extends Pick<AttachLoopOptions, 'offset' | 'sizeLimit' | 'readOnly' | 'autoclear' | 'blockSize'> {
  /** The descriptor of the backing file. */
  readonly fd: number;
  /** Its name. */
  readonly file: string;
  readonly directIo: boolean;
}

/** The argument of LOOP_CONFIGURE, in its own memory. */
export function configOf(setup: LoopSetup): Buffer {
  const config = loopConfig.encode({ fd: setup.fd, blockSize: setup.blockSize ?? 0 });
  loopInfo64.encodeInto(infoOf(setup), config, loopConfig.size - INFO_SIZE - RESERVED);
  return config;
}

/** The argument of LOOP_SET_STATUS64, in its own memory. */
export const statusArgument = (setup: LoopSetup): Buffer => loopInfo64.encode(infoOf(setup));

const infoOf = ({
  file,
  offset = 0n,
  sizeLimit = 0n,
  readOnly,
  autoclear,
  directIo,
}: LoopSetup): LoopInfo => ({
  device: 0n,
  inode: 0n,
  rdevice: 0n,
  offset: BigInt(offset),
  sizeLimit: BigInt(sizeLimit),
  number: 0,
  encryptType: 0,
  encryptKeySize: 0,
  flags:
    (readOnly ? LO_FLAGS_READ_ONLY : 0) |
    (autoclear ? LO_FLAGS_AUTOCLEAR : 0) |
    (directIo ? LO_FLAGS_DIRECT_IO : 0),
  fileName: Buffer.from(file).toString('latin1', 0, LO_NAME_SIZE - 1),
});

/** Decodes the reply of LOOP_GET_STATUS64. */
export function statusOf(bytes: Uint8Array): LoopStatus {
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
