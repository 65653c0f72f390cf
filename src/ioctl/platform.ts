// Where system calls can be made. On any other platform the package loads and `dmts/testing` works, but a call is
// refused: a type of another width or another number of a system call would do something else, silently.

import { UnavailableError } from './unavailable.ts';

/** What differs between the supported architectures. They are 64-bit and little-endian, and `long` has 64 bits. */
export interface Architecture {
  /** The number of getdents64(2). Source: the kernel's tables of system calls. */
  readonly getdents64: number;
}

const ARCHITECTURES: ReadonlyMap<string, Architecture> = new Map([
  ['x64', { getdents64: 217 }],
  ['arm64', { getdents64: 61 }],
]);

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
    `cannot ${action}: dmts drives Linux on ${[...ARCHITECTURES.keys()].join(' and ')} only, got ${platform} on ${arch}`,
  );
}
