// Where system calls can be made. On any other platform the package loads and `dmts/testing` works, but a call is
// refused: a type of another width or another number of a system call would do something else, silently.

import { UnavailableError } from './unavailable.ts';

/** What differs between the supported architectures. They are 64-bit and little-endian, and `long` has 64 bits. */
export interface Architecture {
  /** The numbers of system calls that are made by number. Source: the kernel's tables of system calls. */
  readonly getdents64: number;
  readonly gettid: number;
  readonly tgkill: number;
  readonly futex: number;
  readonly timer_create: number;
  readonly timer_settime: number;
  readonly timer_delete: number;
}

/** The numbers of <asm-generic/unistd.h>, which every architecture since arm64 has. */
const GENERIC: Architecture = {
  getdents64: 61,
  gettid: 178,
  tgkill: 131,
  futex: 98,
  timer_create: 107,
  timer_settime: 110,
  timer_delete: 111,
};

const X64: Architecture = {
  getdents64: 217,
  gettid: 186,
  tgkill: 234,
  futex: 202,
  timer_create: 222,
  timer_settime: 223,
  timer_delete: 226,
};

/** By `process.arch`. The tests of src/ioctl pass on each of these. */
const ARCHITECTURES: ReadonlyMap<string, Architecture> = new Map([
  ['x64', X64],
  ['arm64', GENERIC],
]);

const NAMES = [...ARCHITECTURES.keys()].join(' and ');

/** The platform to check: `process` itself, unless a test says otherwise. */
export interface Platform {
  readonly platform: string;
  readonly arch: string;
}

/**
 * The architecture of this process.
 * @param action what is about to be done: `'call ioctl'`
 * @throws UnavailableError where it is not one of those that the tests cover
 */
export function supportedArchitecture(
  action: string,
  { platform, arch }: Platform = process,
): Architecture {
  const found = platform === 'linux' ? ARCHITECTURES.get(arch) : undefined;
  if (found !== undefined) return found;
  throw new UnavailableError(
    `cannot ${action}: dmts drives Linux on ${NAMES} only, got ${platform} on ${arch}`,
  );
}
