// dmts storage changes

import type { Command } from 'commander';
import type { Change } from '../../storage/diff/changes.ts';
import { withView } from '../storage-support/with-storage.ts';
import { describeQuery, placeOf, withIdAndParent } from '../storage-support/words.ts';
import type { JsonOption } from '../support/describe.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';

const LETTERS: Readonly<Record<Change['kind'], string>> = {
  added: 'A',
  modified: 'C',
  deleted: 'D',
};

/** Formats one line, and keeps the bytes of the name. */
const lineOf = (letter: string, path: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${letter} `), path, Buffer.from('\n')]);

/** `dmts storage changes` */
export function define(group: Command, io: Io): void {
  const command = describeQuery(group, {
    name: 'changes',
    details:
      'The format is that of "docker diff": A for added, C for changed, D for deleted. Without PARENT all paths of the layer count as added.',
    examples: [
      'dmts storage --root /srv/layers changes web image',
      'dmts storage --root /srv/layers changes web image --json | jq -r ".[].path"',
    ],
  });
  withIdAndParent(command).action(
    async (id: string, parent: string | undefined, { json }: JsonOption, self: Command) => {
      const all: Pick<Change, 'kind' | 'path'>[] = [];
      await withView(io, placeOf(self), async (view) => {
        for await (const { kind, path, rawPath } of view.changes(id, parent)) {
          io.signal.throwIfAborted();
          if (json) all.push({ kind, path });
          else io.stdout.write(lineOf(LETTERS[kind], rawPath));
        }
      });
      if (json) printJson(io, all);
    },
  );
}
