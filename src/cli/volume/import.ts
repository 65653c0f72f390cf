// dmts volume import

import type { Command } from 'commander';
import type { Bytes } from '../../dm/text/units.ts';
import type { JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { sizeInBytes } from '../support/numbers.ts';
import { progressOf } from '../volume-support/progress.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf, withName } from '../volume-support/words.ts';

interface Options extends JsonOption {
  readonly size?: Bytes;
}

/** `dmts volume import` */
export function define(group: Command, io: Io): void {
  const command = describeVolume(group, {
    name: 'import',
    details:
      'IMAGE is a raw image: a file, a block device, or - for stdin, which needs --size. Holes and blocks of zeros take no space in the pool. Convert other formats first, with "qemu-img convert -O raw".',
    examples: [
      'dmts volume --dir /srv/vms import debian debian.raw',
      'gunzip < debian.raw.gz | dmts volume --dir /srv/vms import debian - --size 1g',
    ],
  });
  withName(command)
    .argument('<image>', 'the file, the block device, or -')
    .option(
      '--size <size>',
      'size of the volume; default: that of the image',
      sizeInBytes('--size'),
    )
    .action(async (name: string, image: string, { size, json }: Options, self: Command) => {
      const dir = dirOf(self);
      if (image === '-' && io.isTTY)
        throw new UsageError('missing input: redirect an image to stdin');
      if (image === '-' && size === undefined) {
        throw new UsageError('missing --size SIZE: stdin does not tell the size of the image');
      }
      await withVolumes(io, dir, (volumes) =>
        volumes.import(name, image === '-' ? io.stdin : image, {
          size,
          signal: io.signal,
          ...progressOf(io, 'imported'),
        }),
      );
      if (json) printJson(io, { name, image });
    });
}
