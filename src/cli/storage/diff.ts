// dmts storage diff

import type { Command } from 'commander';
import { isErrno } from '../../ioctl/errno.ts';
import type { JsonOption } from '../describe.ts';
import { UsageError } from '../exit-status.ts';
import type { Io, Output } from '../io.ts';
import { printJson } from '../json.ts';
import { counted } from './progress.ts';
import { withView } from './with-storage.ts';
import { describeStorage, placeOf, withIdAndParent } from './words.ts';

/** `dmts storage diff` */
export function define(group: Command, io: Io): void {
  const command = describeStorage(group, {
    name: 'diff',
    summary: 'Write what a layer has changed to stdout, as a tar',
    details:
      'What is deleted is an empty file with .wh. before its name, as in the layers of an image. Without PARENT everything in it. With --json no tar, but how many bytes its files have.',
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
        throw new UsageError('a tar is nothing for a terminal: give it a file or a pipe');
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
    // Nobody reads any more, and that is nobody's fault.
    if (!isErrno(error, 'EPIPE')) throw error;
  }
}

const written = (output: Output, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    output.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
