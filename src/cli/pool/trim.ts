// dmts pool trim

import type { Command } from 'commander';
import { formatSize } from '../../dm/size.ts';
import { trimFilesystem } from '../../ioctl/trim.ts';
import { ActiveThins } from '../../thin/active-thins.ts';
import { findHolders } from '../../thin/holders.ts';
import { describe, type JsonOption } from '../describe.ts';
import { UsageError } from '../exit-status.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json.ts';
import { withDeviceMapper } from '../session.ts';
import { findPool } from './with-pool.ts';

interface Options extends JsonOption {
  readonly pool?: string;
}

/** Where the filesystems on a pool's active thin devices are mounted, each once. */
const mountsOn = (io: Io, name: string): Promise<readonly string[]> =>
  withDeviceMapper(io, { threads: false }, async (dm) => {
    const paths: string[] = [];
    for (const { info } of await new ActiveThins(await findPool(dm, name), io.sysDir).list()) {
      const holders = await findHolders(info.dev);
      const mount = holders.find((holder) => holder.kind === 'mount' && holder.ownNamespace);
      if (mount?.kind === 'mount') paths.push(mount.path);
    }
    return paths;
  });

/** `dmts pool trim` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'trim',
    summary: 'Give back to the pool what mounted filesystems do not use',
    details:
      'What the filesystems on MOUNTPOINT have freed is free in their pool then, and in the files or devices below where the pool passes discards down. With --pool all filesystems that are mounted from its thin devices.',
    examples: ['dmts pool trim /mnt/a /mnt/b', 'dmts pool trim --pool tank'],
  })
    .argument('[mountpoint...]', 'directories where filesystems are mounted')
    .option('--pool <name>', 'the filesystems on the active thin devices of this pool')
    .action(async (mountPoints: readonly string[], { pool, json }: Options) => {
      if (pool === undefined && mountPoints.length === 0) {
        throw new UsageError('trim what? Give the directory of a mount, or --pool');
      }
      const found = pool === undefined ? [] : await mountsOn(io, pool);
      const trimmed: { readonly mountPoint: string; readonly bytes: bigint }[] = [];
      for (const mountPoint of new Set([...mountPoints, ...found])) {
        const bytes = await trimFilesystem(mountPoint, { signal: io.signal });
        trimmed.push({ mountPoint, bytes });
        if (!json) io.stdout.write(`${mountPoint}: ${formatSize(bytes)} trimmed\n`);
      }
      if (json) printJson(io, trimmed);
      else if (trimmed.length === 0) io.stdout.write('No mounted filesystems found\n');
    });
}
