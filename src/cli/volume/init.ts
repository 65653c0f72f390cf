// dmts volume init

import type { Command } from 'commander';
import type { Bytes, Sectors } from '../../dm/text/units.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { sizeInBytes, sizeInSectors } from '../support/numbers.ts';
import { withOpened } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf } from '../volume-support/words.ts';

interface Options extends JsonOption {
  readonly size?: Bytes;
  readonly data?: string;
  readonly metadata?: string;
  readonly metadataSize?: Bytes;
  readonly blockSize?: Sectors;
}

/** `dmts volume init` */
export function define(group: Command, io: Io): void {
  describeVolume(group, {
    name: 'init',
    details:
      'The command creates what is missing: the directory, the files of the pool, the pool itself. It can be repeated: an existing pool is activated, and a larger --size grows it. The files are sparse. With --data and --metadata the pool is on block devices.',
    examples: [
      'dmts volume --dir /srv/vms init vms --size 10g',
      'dmts volume --dir /srv/vms init vms --data /dev/sdb1 --metadata /dev/sdb2',
    ],
  })
    .argument('<pool>', 'name of the pool')
    .option(
      '--size <size>',
      'size of the data file; it can exceed the free space',
      sizeInBytes('--size'),
    )
    .option('--data <device>', 'a block device for the data of a new pool')
    .option('--metadata <device>', 'a block device for the metadata of a new pool')
    .option('--metadata-size <size>', 'size of the metadata file', sizeInBytes('--metadata-size'))
    .option(
      '--block-size <size>',
      'size of a data block: 64k to 1g, a multiple of 64k; default: 64k',
      sizeInSectors('--block-size'),
    )
    .action(async (name: string, { json, ...options }: Options, self: Command) => {
      const dir = dirOf(self);
      const open = async (dm: Parameters<Parameters<typeof withOpened>[1]>[0]) => {
        const { Volumes } = await import('../../volumes/volumes.ts');
        return Volumes.ensure(dm, name, { ...options, dir, signal: io.signal });
      };
      await withOpened(io, open, async (volumes) => {
        if (!json) return;
        const list = await volumes.list();
        printJson(io, {
          pool: name,
          dir: volumes.directory,
          path: volumes.pool.path,
          volumes: list.length,
        });
      });
    });
}
