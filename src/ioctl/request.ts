// ioctl request numbers, as <asm-generic/ioctl.h> packs them: direction, argument size, type, number.
// Most architectures keep 14 bits for the size and 2 for the direction; mips, powerpc and sparc keep
// 13 and 3 and number the directions differently.

interface Layout {
  readonly sizeBits: number;
  readonly none: number;
  readonly read: number;
  readonly write: number;
}

const GENERIC: Layout = { sizeBits: 14, none: 0, read: 2, write: 1 };
const THIRTEEN_BIT: Layout = { sizeBits: 13, none: 1, read: 2, write: 4 };
const THIRTEEN_BIT_ARCHITECTURES: readonly string[] = ['mips', 'mipsel', 'ppc', 'ppc64', 'sparc'];

const layoutOf = (arch: string): Layout =>
  THIRTEEN_BIT_ARCHITECTURES.includes(arch) ? THIRTEEN_BIT : GENERIC;

const pack = (
  layout: Layout,
  direction: number,
  type: number,
  number: number,
  size: number,
): number => ((direction << (16 + layout.sizeBits)) | (size << 16) | (type << 8) | number) >>> 0;

/** `_IO(type, number)`: a request without an argument structure. */
export function io(type: number, number: number, arch: string = process.arch): number {
  const layout = layoutOf(arch);
  return pack(layout, layout.none, type, number, 0);
}

/** `_IOR(type, number, size)`: the kernel fills a structure of `size` bytes. */
export function ior(
  type: number,
  number: number,
  size: number,
  arch: string = process.arch,
): number {
  const layout = layoutOf(arch);
  return pack(layout, layout.read, type, number, size);
}

/** `_IOW(type, number, size)`: the kernel reads a structure of `size` bytes. */
export function iow(
  type: number,
  number: number,
  size: number,
  arch: string = process.arch,
): number {
  const layout = layoutOf(arch);
  return pack(layout, layout.write, type, number, size);
}

/** `_IOWR(type, number, size)`: the kernel reads a structure of `size` bytes and writes it back. */
export function iowr(
  type: number,
  number: number,
  size: number,
  arch: string = process.arch,
): number {
  const layout = layoutOf(arch);
  return pack(layout, layout.read | layout.write, type, number, size);
}
