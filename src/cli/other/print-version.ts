// `dmts version` without a parser and with few modules: scripts call it to check for a device mapper.

import { createRequire } from 'node:module';
import { kernelVersion } from '../../dm/device/kernel-version.ts';
import { devDirOf, type Io } from '../support/io.ts';

/** The version of this package. */
export const ownVersion = (): string =>
  (createRequire(import.meta.url)('dmts/package.json') as { readonly version: string }).version;

/** The versions of dmts and of the kernel interface. */
export interface Versions {
  readonly library: string;
  readonly driver: string;
}

/** Reads both versions. */
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
