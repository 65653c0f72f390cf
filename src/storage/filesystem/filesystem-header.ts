// Reads type, UUID and size of a filesystem from its first bytes, without an external program. Source: struct
// ext4_super_block and struct xfs_dsb of the kernel.

import type { Bytes } from '../../dm/text/units.ts';
import { readStart } from '../../ioctl/file/read-start.ts';
import { SyscallError } from '../../ioctl/libc/syscall-error.ts';
import { StorageError } from '../config/errors.ts';

/** The header of a filesystem. */
export interface FilesystemHeader {
  /** `'ext4'` includes ext2 and ext3: the kernel mounts them as ext4. */
  readonly type: 'ext4' | 'xfs';
  /** Lower case, with hyphens. */
  readonly uuid: string;
  readonly size: Bytes;
}

const HEAD_BYTES = 4096;
const EXT_SUPERBLOCK = 1024;
const EXT_MAGIC = 0xef53;
const EXT_64BIT = 0x80;

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/** Parses the header; `undefined` for another filesystem or none. */
export function parseFilesystemHeader(head: Buffer): FilesystemHeader | undefined {
  if (head.length < HEAD_BYTES) return undefined;
  if (head.toString('latin1', 0, 4) === 'XFSB') {
    return {
      type: 'xfs',
      uuid: uuidText(head.subarray(32, 48)),
      size: BigInt(head.readUInt32BE(4)) * head.readBigUInt64BE(8),
    };
  }
  const ext = head.subarray(EXT_SUPERBLOCK);
  if (ext.readUInt16LE(56) !== EXT_MAGIC) return undefined;
  const wide = (ext.readUInt32LE(96) & EXT_64BIT) !== 0;
  const high = wide ? BigInt(ext.readUInt32LE(336)) : 0n;
  const blocks = (high << 32n) | BigInt(ext.readUInt32LE(4));
  return {
    type: 'ext4',
    uuid: uuidText(ext.subarray(104, 120)),
    size: blocks << BigInt(10 + (ext.readUInt32LE(24) & 0x1f)),
  };
}

/** Reads the header from a device. @throws StorageError ERR_STORAGE_FILESYSTEM when the read fails */
export async function readFilesystemHeader(device: string): Promise<FilesystemHeader | undefined> {
  try {
    return parseFilesystemHeader(await readStart(device, HEAD_BYTES));
  } catch (cause) {
    if (!(cause instanceof SyscallError)) throw cause;
    throw new StorageError({
      code: 'ERR_STORAGE_FILESYSTEM',
      subject: device,
      problem: `cannot read the header of its filesystem: ${cause.message}`,
      hint: 'The kernel log has the reason: check the disks of the pool',
      cause,
    });
  }
}
