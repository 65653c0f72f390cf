// Prints the versions for `dmts version`. The file imports few modules, and no command-line parser: scripts run the
// command to check for a device mapper, and it starts fast.

import { createRequire } from 'node:module';
import { kernelVersion } from '../../dm/device/kernel-version.ts';
import { devDirOf, type Io } from '../support/io.ts';

/** The version of this package. */
export const ownVersion = (): string =>
  (createRequire(import.meta.url)('dmts/package.json') as { readonly version: string }).version;

/** The versions of dmts and of the kernel interface. */
export interface Versions {
  /** The version of dmts. */
  readonly library: string;
  /** The version of the kernel's interface: `4.47.0`. */
  readonly driver: string;
}

/** Reads both versions. @throws DmError without access to the device mapper */
export async function readVersions(io: Io): Promise<Versions> {
  const { transport } = io;
  const version = await kernelVersion({ devDir: devDirOf(io), ...(transport && { transport }) });
  return { library: ownVersion(), driver: version.join('.') };
}

/** Prints both versions in dmsetup's format. */
export async function printVersion(io: Io): Promise<void> {
  const { library, driver } = await readVersions(io);
  io.stdout.write(`Library version:   ${library}\nDriver version:    ${driver}\n`);
}
