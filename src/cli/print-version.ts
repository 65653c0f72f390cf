// `dmts version` without a parser and with few modules: scripts call it to check for a device mapper.

import { Dm } from '../dm/commands.ts';
import { Control } from '../dm/control.ts';
import { openControlNode } from '../dm/control-node.ts';
import { devDirOf, type Io } from './io.ts';
import { ownVersion } from './own-version.ts';

/** The versions of dmts and of the kernel interface. */
export interface Versions {
  readonly library: string;
  readonly driver: string;
}

/** Reads both versions. */
export async function readVersions(io: Io): Promise<Versions> {
  const control = new Control(
    io.transport ?? openControlNode({ devDir: devDirOf(io), threads: false }),
  );
  try {
    const driver = (await control.send(Dm.VERSION)).header.version.join('.');
    return { library: ownVersion(), driver };
  } finally {
    control.close();
  }
}

/** Prints both versions in dmsetup's format. */
export async function printVersion(io: Io): Promise<void> {
  const { library, driver } = await readVersions(io);
  io.stdout.write(`Library version:   ${library}\nDriver version:    ${driver}\n`);
}
