// dmts storage apply

import { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { JsonOption } from '../describe.ts';
import { UsageError } from '../exit-status.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json.ts';
import { counted } from './progress.ts';
import { withStorage } from './with-storage.ts';
import { describeStorage, placeOf, withIdAndParent } from './words.ts';

/** `dmts storage apply` */
export function define(group: Command, io: Io): void {
  const command = describeStorage(group, {
    name: 'apply',
    summary: 'Unpack a tar from stdin into a layer, as "diff" writes it',
    details:
      'The tar is not compressed. What it marks as deleted is removed from the layer. An extended attribute that a file cannot have is left out, with a warning.',
    examples: [
      'dmts storage --root /srv/layers apply web image < web.tar',
      'gunzip < web.tar.gz | dmts storage --root /srv/layers apply web image',
    ],
  });
  withIdAndParent(command).action(
    async (id: string, parent: string | undefined, { json }: JsonOption, self: Command) => {
      const place = placeOf(self);
      if (io.isTTY) throw new UsageError('apply what? Give a tar on stdin');
      const { bytes, leftOut } = await withStorage(io, place, (storage) => {
        const tar = Readable.from(counted(io, 'read', io.stdin), { objectMode: false });
        return storage.apply(id, parent, tar, { signal: io.signal });
      });
      for (const { name, code, count, path } of leftOut) {
        const files = count === 1 ? '' : ` and ${count - 1} more`;
        io.stderr.write(
          `dmts: warning: left out attribute ${JSON.stringify(name)} of ${JSON.stringify(path)}${files}: ${code}\n`,
        );
      }
      if (json) printJson(io, { id, parent, bytes, leftOut });
    },
  );
}
