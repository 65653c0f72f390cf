// ioctl request numbers, as <asm-generic/ioctl.h> packs them: 2 bits of direction, 14 of the argument's size, 8 each of
// type and number. The same on every supported architecture.

const READ = 2;
const WRITE = 1;

const pack = (direction: number, type: number, number: number, size: number): number =>
  ((direction << 30) | (size << 16) | (type << 8) | number) >>> 0;

/** `_IO(type, number)`: a request without an argument structure. */
export const io = (type: number, number: number): number => pack(0, type, number, 0);

/** `_IOR(type, number, size)`: the kernel fills a structure of `size` bytes. */
export const ior = (type: number, number: number, size: number): number =>
  pack(READ, type, number, size);

/** `_IOW(type, number, size)`: the kernel reads a structure of `size` bytes. */
export const iow = (type: number, number: number, size: number): number =>
  pack(WRITE, type, number, size);

/** `_IOWR(type, number, size)`: the kernel reads a structure of `size` bytes and writes it back. */
export const iowr = (type: number, number: number, size: number): number =>
  pack(READ | WRITE, type, number, size);
