// Debian's last Docker with the devicemapper driver, fetched and unpacked but not installed.

import type { PrepareOptions } from '../../../vm/launch.ts';
import { unpackPackages } from '../../../vm/unpack.ts';

/** The last release whose Docker (20.10) has the driver. */
const SUITE = 'bookworm';

/** Docker, the programs that it starts, and the libraries that a minimal machine may lack. */
const PACKAGES = ['docker.io', 'containerd', 'runc', 'libdevmapper1.02.1', 'libseccomp2'];

/**
 * The directory with Docker's unpacked packages, from the cache or fetched into it.
 *
 * @throws GuestError if apt or dpkg fails
 */
export const prepareDocker = (options: PrepareOptions): Promise<string> =>
  unpackPackages({ directory: ['docker', SUITE], suite: SUITE, packages: PACKAGES }, options);
