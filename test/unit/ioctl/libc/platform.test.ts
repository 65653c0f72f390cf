import { readFileSync } from 'node:fs';
import test from 'ava';
import { supportedArchitecture } from '../../../../src/ioctl/libc/platform.ts';
import { UnavailableError } from '../../../../src/ioctl/libc/unavailable.ts';

const SUPPORTED = [
  ['linux', 'x64', 217],
  ['linux', 'arm64', 61],
] as const;

for (const [platform, arch, getdents64] of SUPPORTED) {
  test(`${platform} on ${arch}: getdents64 is ${getdents64}`, (t) => {
    t.like(supportedArchitecture('call flock', { platform, arch }), { getdents64 });
  });
}

/** Platforms with 32 bits, other system call or request numbers, big-endian byte order, or other kernels. */
const REFUSED = [
  ['linux', 'arm'],
  ['linux', 'ia32'],
  ['linux', 'loong64'],
  ['linux', 'mips'],
  ['linux', 'mipsel'],
  ['linux', 'ppc64'],
  ['linux', 'riscv64'],
  ['linux', 's390x'],
  ['linux', 'toString'],
  ['android', 'arm64'],
  ['darwin', 'arm64'],
  ['darwin', 'x64'],
  ['freebsd', 'x64'],
  ['win32', 'x64'],
] as const;

for (const [platform, arch] of REFUSED) {
  test(`${platform} on ${arch} is rejected`, (t) => {
    t.throws(() => supportedArchitecture('call flock', { platform, arch }), {
      instanceOf: UnavailableError,
      code: 'ERR_DMTS_UNAVAILABLE',
      message: `cannot call flock: dmts supports Linux on x64 and arm64 only, got ${platform} on ${arch}`,
    });
  });
}

test('the package can be installed on any platform, because dmts/testing makes no system calls', (t) => {
  const manifest: unknown = JSON.parse(readFileSync('package.json', 'utf8'));
  t.like(manifest, { os: undefined, cpu: undefined });
});
