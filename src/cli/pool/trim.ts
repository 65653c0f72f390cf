// dmts pool trim

import type { Command } from 'commander';
import { findHolders } from '../../block/holders.ts';
import { formatSize } from '../../dm/text/size.ts';
import { trimFilesystem } from '../../ioctl/file/trim.ts';
import { withView } from '../pool-support/arguments.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

interface Options extends JsonOption {
  readonly pool?: string;
}

/** The mount points of the filesystems on a pool's active thin devices, one per filesystem. */
const mountsOn = (io: Io, name: string): Promise<readonly string[]> =>
  withView(io, name, async (view) => {
    const paths: string[] = [];
    for (const { info } of await view.activeThins()) {
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
    details:
      'The space that the filesystem on MOUNTPOINT does not use becomes free in its pool, and in the files or devices below if the pool passes discards down. --pool trims every mounted filesystem on its thin devices.',
    examples: ['dmts pool trim /mnt/a /mnt/b', 'dmts pool trim --pool tank'],
  })
    .argument('[mountpoint...]', 'mount points of filesystems')
    .option('--pool <name>', 'the filesystems on the active thin devices of this pool')
    .action(async (mountPoints: readonly string[], { pool, json }: Options) => {
      if (pool === undefined && mountPoints.length === 0) {
        throw new UsageError('missing MOUNTPOINT or --pool');
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
