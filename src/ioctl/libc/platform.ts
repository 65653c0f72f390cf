// The platforms on which system calls work. On others the package loads and `dmts/testing` works, but a system call
// fails: with different type widths or call numbers it could silently do something else.

import { UnavailableError } from './unavailable.ts';

/** The differences between the supported architectures. All are 64-bit and little-endian; `long` has 64 bits. */
export interface Architecture {
  /** The numbers of the system calls that go through syscall(2). Source: the kernel's system call tables. */
  readonly getdents64: number;
  readonly gettid: number;
  readonly tgkill: number;
  readonly futex: number;
  readonly timer_create: number;
  readonly timer_settime: number;
  readonly timer_delete: number;
}

/** The numbers of <asm-generic/unistd.h>, which arm64 and every later architecture use. */
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

/** Keyed by `process.arch`. The tests of src/ioctl pass on each of these. */
const ARCHITECTURES: ReadonlyMap<string, Architecture> = new Map([
  ['x64', X64],
  ['arm64', GENERIC],
]);

const NAMES = [...ARCHITECTURES.keys()].join(' and ');

/** The platform to check: `process`, or a substitute in tests. */
export interface Platform {
  readonly platform: string;
  readonly arch: string;
}

/**
 * The architecture of this process.
 * @param action the action for the error message: `'call ioctl'`
 * @throws UnavailableError on an unsupported platform
 */
export function supportedArchitecture(
  action: string,
  { platform, arch }: Platform = process,
): Architecture {
  const found = platform === 'linux' ? ARCHITECTURES.get(arch) : undefined;
  if (found !== undefined) return found;
  throw new UnavailableError(
    `cannot ${action}: dmts supports Linux on ${NAMES} only, got ${platform} on ${arch}`,
  );
}
