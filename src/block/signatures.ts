// Detects the format of a disk's content by its magic bytes.

import { open } from 'node:fs/promises';
import type { CallOptions } from '../dm/device/options.ts';
import { nextData, nextHole } from '../ioctl/file/holes.ts';
import { type ReadStartOptions, readStart } from '../ioctl/file/read-start.ts';
import { checkFields, isPath, SIGNAL } from '../ioctl/input/checks.ts';

/** Nearly all formats have their magic within these bytes. */
const HEAD_SIZE = 128 * 1024;

/**
 * Reads the start of a device or file. @param bytes @default 128 KiB @throws SyscallError, or Node's own error from
 * opening
 */
export const readHead = (
  path: string,
  bytes: number = HEAD_SIZE,
  options: ReadStartOptions = {},
): Promise<Buffer> => readStart(path, bytes, options);

const ZEROS = Buffer.alloc(4096);

/** Whether all bytes are zero. */
export function isBlank(head: Buffer): boolean {
  for (let at = 0; at < head.length; at += ZEROS.length) {
    const part = head.subarray(at, at + ZEROS.length);
    if (!part.equals(ZEROS.subarray(0, part.length))) return false;
  }
  return true;
}

/**
 * The name of a format, or a function that decides by more than the magic and returns `undefined` for a chance match.
 */
type What = string | ((head: Buffer) => string | undefined);
/** A format, the possible offsets of its magic, and the magic, one byte per character. */
type Row = readonly [what: What, at: number | readonly number[], magic: string];

const SWAP_PAGE_SIZES = [4096, 8192, 16384, 32768, 65536] as const;
const swapEnds = SWAP_PAGE_SIZES.map((size) => size - 10);

// The more specific formats come first: a boot sector can precede any other format.
const SIGNATURES: readonly Row[] = [
  ['thin-pool metadata', 32, '\xba\x52\x9c\x01\0\0\0\0'],
  ['dm-cache metadata', 32, '\x03\xc4\x18\0\0\0\0\0'],
  ['dm-era metadata', 32, '\x7b\x07\xc1\x7e\0\0\0\0'],
  ['dm-clone metadata', 32, '\x64\x7f\xf2\x8a\0\0\0\0'],
  ['dm-verity hash tree', 0, 'verity\0\0'],
  ['dm-integrity device', 0, 'integrt\0'],
  ['dm-writecache device', 0, '\x21\x93\x48\x23'],
  ['dm-snapshot exception store', 0, 'SnAp'],
  ['VDO volume', 0, 'dmvdo001'],
  [(head) => `LUKS${head.readUInt16BE(6)} encrypted volume`, 0, 'LUKS\xba\xbe'],
  ['BitLocker volume', 3, '-FVE-FS-'],
  ['LVM physical volume', [0, 512, 1024, 1536], 'LABELONE'],
  ['MD RAID member', [0, 4096], '\xfc\x4e\x2b\xa9'],
  ['bcache device', 4120, '\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81'],
  ['bcachefs filesystem', 4120, '\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef'],
  ['xfs filesystem', 0, 'XFSB'],
  ['btrfs filesystem', 65600, '_BHRfS_M'],
  ['f2fs filesystem', 1024, '\x10\x20\xf5\xf2'],
  ['erofs filesystem', 1024, '\xe2\xe1\xf5\xe0'],
  ['squashfs filesystem', 0, 'hsqs'],
  [extFilesystem, 1080, '\x53\xef'],
  ['gfs2 filesystem', 65536, '\x01\x16\x19\x70'],
  ['ocfs2 filesystem', [1024, 2048, 4096, 8192], 'OCFSV2'],
  ['jfs filesystem', 32768, 'JFS1'],
  ['reiserfs filesystem', 65588, 'ReIsEr'],
  ['iso9660 filesystem', 32769, 'CD001'],
  ['udf filesystem', 32769, 'BEA01'],
  ['ntfs filesystem', 3, 'NTFS    '],
  ['exfat filesystem', 3, 'EXFAT   '],
  ['fat filesystem', 54, 'FAT1'],
  ['fat filesystem', 82, 'FAT32   '],
  ['swap space', swapEnds, 'SWAPSPACE2'],
  ['swap space', swapEnds, 'SWAP-SPACE'],
  ['hibernated system', swapEnds, 'S1SUSPEND'],
  ['qcow2 disk image', 0, 'QFI\xfb'],
  ['vmdk disk image', 0, 'KDMV'],
  ['vhdx disk image', 0, 'vhdxfile'],
  ['GPT partition table', [512, 4096], 'EFI PART'],
  [bootSector, 510, '\x55\xaa'],
];

// Source: <linux/ext4.h> of the kernel: struct ext4_super_block, 1024 bytes from the start.
function extFilesystem(head: Buffer): string | undefined {
  const field = (at: number): number => head.readUInt32LE(1024 + at);
  const [logBlockSize, revision, compatible, incompatible] = [24, 76, 92, 96].map(field);
  // The magic has only two bytes, so check more fields.
  if (logBlockSize! > 6 || revision! > 1) return undefined;
  // Extents, 64 bit and flexible groups exist only in ext4. Then the journal, which ext2 does not have.
  if ((incompatible! & 0x2c0) !== 0) return 'ext4 filesystem';
  return (compatible! & 4) !== 0 ? 'ext3 filesystem' : 'ext2 filesystem';
}

function bootSector(head: Buffer): string {
  // A partition is bootable (0x80) or not (0). A boot sector without partitions has code in this place.
  const states = [446, 462, 478, 494].map((at) => head[at]!);
  const isTable = states.every((state) => state === 0 || state === 0x80);
  return isTable ? 'MBR partition table' : 'boot sector';
}

/**
 * The format of a disk's content, by its first bytes: `'ext4 filesystem'`, `'LVM physical volume'`. `undefined` if no
 * known format is found, which does not mean that the disk is blank. Less than 128 KiB detects fewer formats.
 */
export function signatureOf(start: Buffer): string | undefined {
  // Pad short input, so that the fields beside a magic can be read.
  const head = start.length < ZEROS.length ? Buffer.concat([start, ZEROS]) : start;
  for (const [what, places, magic] of SIGNATURES) {
    const isThere = [places].flat().some((at) => isAt(head, at, magic));
    const name = isThere && (typeof what === 'string' ? what : what(head));
    if (name) return name;
  }
  return undefined;
}

/** How many bytes of a blank device are zero. The kernel formats metadata whose first block is zero. */
export const BLANK_BYTES = 4096;

/**
 * What a device or a file holds: a format such as `'ext4 filesystem'`, `'data of an unknown kind'`, or `undefined` for a
 * blank one. A device is blank if its first 4 KiB are zero; of a file, everything outside its holes must be zero.
 * @throws SyscallError, or Node's own error from opening
 */
export async function deviceContent(
  path: string,
  options: CallOptions = {},
): Promise<string | undefined> {
  isPath(path, 'path');
  checkFields(options, SIGNAL);
  const { signal } = options;
  const head = await readHead(path, HEAD_SIZE, { signal });
  const format = signatureOf(head);
  if (format !== undefined) return format;
  const blank = isBlank(head.subarray(0, BLANK_BYTES)) && (await isBlankIfFile(path, signal));
  return blank ? undefined : 'data of an unknown kind';
}

const PIECE_BYTES = 1024 * 1024;

/** Whether a file has zeros only. Holes and preallocated space are not read. A block device counts as blank. */
async function isBlankIfFile(path: string, signal: AbortSignal | undefined): Promise<boolean> {
  await using handle = await open(path, 'r');
  const found = await handle.stat();
  if (!found.isFile()) return true;
  const piece = Buffer.alloc(PIECE_BYTES);
  const size = BigInt(found.size);
  let at = nextData(handle.fd, 0n);
  while (at !== undefined) {
    const end = nextHole(handle.fd, at) ?? size;
    while (at < end) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, Number(at));
      if (bytesRead === 0) return true;
      if (!isBlank(piece.subarray(0, bytesRead))) return false;
      at += BigInt(bytesRead);
    }
    at = nextData(handle.fd, at);
  }
  return true;
}

const isAt = (head: Buffer, at: number, magic: string): boolean =>
  head.toString('latin1', at, at + magic.length) === magic;
