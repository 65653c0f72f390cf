import { readFile, rm, writeFile } from 'node:fs/promises';
import { runAnyStatus } from '../run.ts';

/** The place of the compressed kernel in a bzImage, in bytes from the start of the file. */
export interface Payload {
  readonly offset: number;
  readonly length: number;
}

/**
 * Finds the compressed kernel from the setup header of the x86 boot protocol (Documentation/arch/x86/boot.rst, 2.08 and
 * newer). Undefined for other files.
 */
export function payload(image: Buffer): Payload | undefined {
  if (image.length < 0x250 || image.toString('latin1', 0x202, 0x206) !== 'HdrS') return undefined;
  if (image.readUInt16LE(0x206) < 0x208) return undefined;
  const setupSectors = image.readUInt8(0x1f1) || 4;
  const offset = (setupSectors + 1) * 512 + image.readUInt32LE(0x248);
  const length = image.readUInt32LE(0x24c);
  return offset + length <= image.length ? { offset, length } : undefined;
}

const xzMagic = Buffer.from('\xfd7zXZ\0', 'latin1');
const elfMagic = Buffer.from('\x7fELF', 'latin1');

/**
 * Writes the boot image of the bzImage `from` to `to`. A kernel that is packed with xz is unpacked, because an emulated
 * processor needs three seconds for that at each boot. QEMU starts such an ELF file through its PVH note. Other files are
 * copied unchanged.
 */
export async function writeBootImage(
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<void> {
  const image = await readFile(from);
  const found = payload(image);
  // The four bytes after the xz stream are the unpacked length, which only the kernel uses.
  const packed = found && image.subarray(found.offset, found.offset + found.length - 4);
  if (packed?.subarray(0, xzMagic.length).equals(xzMagic)) {
    await writeFile(`${to}.xz`, packed);
    const { status } = await runAnyStatus('xz', ['--decompress', `${to}.xz`], { signal });
    if (status === 0 && (await readFile(to)).subarray(0, elfMagic.length).equals(elfMagic)) return;
  }
  await rm(`${to}.xz`, { force: true });
  await writeFile(to, image);
}
