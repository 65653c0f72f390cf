// dmts storage diff

import type { Command } from 'commander';
import { isErrno } from '../../ioctl/libc/errno.ts';
import { counted } from '../storage-support/progress.ts';
import { withView } from '../storage-support/with-storage.ts';
import { describeQuery, placeOf, withIdAndParent } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io, Output } from '../support/io.ts';
import { printJson } from '../support/json.ts';

/** `dmts storage diff` */
export function define(group: Command, io: Io): void {
  const command = describeQuery(group, {
    name: 'diff',
    details:
      'A deleted path becomes a whiteout: an empty file with the prefix .wh., as in image layers. Without PARENT the tar holds the whole layer. With --json the command prints the total size of the files, in bytes, instead of a tar.',
    examples: [
      'dmts storage --root /srv/layers diff web image > web.tar',
      'dmts storage --root /srv/layers diff web image | gzip > web.tar.gz',
      'dmts storage --root /srv/layers diff web image --json | jq .size',
    ],
  });
  withIdAndParent(command).action(
    async (id: string, parent: string | undefined, { json }: JsonOption, self: Command) => {
      const place = placeOf(self);
      if (!json && io.stdout.isTTY) {
        throw new UsageError('refusing to write a tar to a terminal; redirect stdout');
      }
      await withView(io, place, async (view) => {
        if (json) printJson(io, { id, parent, size: await view.diffSize(id, parent) });
        else await send(io, await view.diff(id, parent));
      });
    },
  );
}

async function send(io: Io, tar: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of counted(io, 'wrote', tar)) {
      io.signal.throwIfAborted();
      await written(io.stdout, chunk);
    }
  } catch (error) {
    // EPIPE: the reader has closed the pipe. That is not an error.
    if (!isErrno(error, 'EPIPE')) throw error;
  }
}

const written = (output: Output, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    output.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
