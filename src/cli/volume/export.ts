// dmts volume export

import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { isErrno } from '../../ioctl/libc/errno.ts';
import type { JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { progressOf } from '../volume-support/progress.ts';
import { withVolumes } from '../volume-support/with-volumes.ts';
import { describeVolume, dirOf, withName } from '../volume-support/words.ts';

interface Options extends JsonOption {
  readonly overwrite?: boolean;
}

/** `dmts volume export` */
export function define(group: Command, io: Io): void {
  const command = describeVolume(group, {
    name: 'export',
    details:
      'IMAGE is a file, which becomes sparse, or - for stdout. The file has its name only when it is complete. The volume may be in use: the image has its content of one moment. Convert it to another format with "qemu-img convert -f raw".',
    examples: [
      'dmts volume --dir /srv/vms export vm1 vm1.raw',
      'dmts volume --dir /srv/vms export vm1 - | gzip > vm1.raw.gz',
    ],
  });
  withName(command)
    .argument('<image>', 'the file, or -')
    .option('--overwrite', 'replace an existing file')
    .action(async (name: string, image: string, { overwrite, json }: Options, self: Command) => {
      const dir = dirOf(self);
      const isStdout = image === '-';
      if (isStdout && json) throw new UsageError('--json and the image - both need stdout');
      if (isStdout && io.stdout.isTTY) {
        throw new UsageError('refusing to write an image to a terminal; redirect stdout');
      }
      await withVolumes(io, dir, (volumes) =>
        volumes.export(name, isStdout ? toStdout(io) : image, {
          overwrite,
          signal: io.signal,
          ...progressOf(io, 'exported'),
        }),
      ).catch((error) => {
        // EPIPE: the reader has closed the pipe. That is not an error.
        if (!isStdout || !isErrno(error, 'EPIPE')) throw error;
      });
      if (json) printJson(io, { name, image });
    });
}

/** A stream to stdout that leaves stdout open. */
const toStdout = ({ stdout }: Io): Writable =>
  new Writable({
    write: (chunk: Uint8Array, _, done) => stdout.write(chunk, (error) => done(error)),
  });
