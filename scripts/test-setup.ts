// Installs what the tests run on this machine besides Node: dmsetup and a C compiler, the other side of the comparisons with
// libdevmapper and the kernel's headers, and the programs whose tars are unpacked (bsdtar, Python, busybox; every Debian has tar). What the guests need, `vm/` installs when one is booted.

import { GuestError } from '../vm/errors.ts';
import { ensurePackages } from '../vm/packages.ts';

try {
  await ensurePackages({
    wanted: [
      'busybox-static',
      'dmsetup',
      'gcc',
      'libarchive-tools',
      'libc6-dev',
      'python3',
      'xz-utils',
    ],
  });
} catch (error) {
  if (!(error instanceof GuestError)) throw error;
  console.error(`The tests need more than is here: ${error.message}`);
  process.exitCode = 1;
}
