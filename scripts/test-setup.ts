// Installs the programs that the tests need on this machine besides Node: dmsetup and a C compiler, for comparisons with
// libdevmapper and the kernel's headers, programs that write tars (bsdtar, Python, busybox; every Debian has tar), jq, which
// the examples of help texts use, and groff and mandoc, which check the man pages.
// `vm/` installs the packages for guests when it boots one.

import { GuestError } from '../vm/errors.ts';
import { ensurePackages } from '../vm/packages.ts';

try {
  await ensurePackages({
    wanted: [
      'busybox-static',
      'dmsetup',
      'gcc',
      'groff-base',
      'jq',
      'libarchive-tools',
      'libc6-dev',
      'mandoc',
      'python3',
      'xz-utils',
    ],
  });
} catch (error) {
  if (!(error instanceof GuestError)) throw error;
  console.error(`cannot set up the tests: ${error.message}`);
  process.exitCode = 1;
}
