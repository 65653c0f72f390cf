// dmts storage apply

import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { counted } from '../storage-support/progress.ts';
import { withStorage } from '../storage-support/with-storage.ts';
import { describeStorage, placeOf, withIdAndParent } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

/** `dmts storage apply` */
export function define(group: Command, io: Io): void {
  const command = describeStorage(group, {
    name: 'apply',
    details:
      'The tar must be uncompressed. Its whiteouts delete paths of the layer. An extended attribute that cannot be set is skipped with a warning.',
    examples: [
      'dmts storage --root /srv/layers apply web image < web.tar',
      'gunzip < web.tar.gz | dmts storage --root /srv/layers apply web image',
    ],
  });
  withIdAndParent(command, 'the parent of the layer; it must exist').action(
    async (id: string, parent: string | undefined, { json }: JsonOption, self: Command) => {
      const place = placeOf(self);
      if (io.isTTY) throw new UsageError('missing input: redirect a tar to stdin');
      const { bytes, leftOut } = await withStorage(io, place, (storage) => {
        const tar = Readable.from(counted(io, 'read', io.stdin), { objectMode: false });
        return storage.apply(id, parent, tar, { signal: io.signal });
      });
      for (const { name, code, count, path } of leftOut) {
        const files = count === 1 ? '' : ` and ${count - 1} more`;
        io.stderr.write(
          `dmts: warning: skipped attribute ${JSON.stringify(name)} of ${JSON.stringify(path)}${files}: ${code}\n`,
        );
      }
      if (json) printJson(io, { id, parent, bytes, leftOut });
    },
  );
}
