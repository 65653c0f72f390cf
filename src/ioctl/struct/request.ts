// Encodes ioctl request numbers: 2 bits of direction, 14 bits of argument size, 8 bits each of type and number. The
// encoding is the same on every supported architecture. Source: <asm-generic/ioctl.h>.

const READ = 2;
const WRITE = 1;

const pack = (direction: number, type: number, number: number, size: number): number =>
  ((direction << 30) | (size << 16) | (type << 8) | number) >>> 0;

/** `_IO(type, number)`: a request without an argument struct. */
export const io = (type: number, number: number): number => pack(0, type, number, 0);

/** `_IOR(type, number, size)`: the kernel fills a struct of `size` bytes. */
export const ior = (type: number, number: number, size: number): number =>
  pack(READ, type, number, size);

/** `_IOW(type, number, size)`: the kernel reads a struct of `size` bytes. */
export const iow = (type: number, number: number, size: number): number =>
  pack(WRITE, type, number, size);

/** `_IOWR(type, number, size)`: the kernel reads a struct of `size` bytes and writes it back. */
export const iowr = (type: number, number: number, size: number): number =>
  pack(READ | WRITE, type, number, size);
