// What `dmts version` does, without a parser and with no more of the library than it takes: scripts ask it
// to see whether there is a device mapper at all.

import { Dm } from '../dm/commands.ts';
import { Control } from '../dm/control.ts';
import { openControlNode } from '../dm/control-node.ts';
import { devDirOf, type Io } from './io.ts';
import { ownVersion } from './own-version.ts';

/** dmts's version and the kernel interface's. */
export interface Versions {
  readonly library: string;
  readonly driver: string;
}

/** Ask for both. */
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

/** Print them as dmsetup does. */
export async function printVersion(io: Io): Promise<void> {
  const { library, driver } = await readVersions(io);
  io.stdout.write(`Library version:   ${library}\nDriver version:    ${driver}\n`);
}
