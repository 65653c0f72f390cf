// dmts pool diff

import type { Command } from 'commander';
import { attempt } from '../../ioctl/attempt.ts';
import { fileDetails } from '../../thin/device-details.ts';
import type { DeltaItem } from '../../thin/tool-output/thin-delta.ts';
import { type MetadataToolOptions, thinDelta } from '../../thin/tools.ts';
import { describe, type JsonOption } from '../describe.ts';
import { CommandError, ExitStatus, UsageError } from '../exit-status.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json.ts';
import { parseId } from '../thin/words.ts';
import { METADATA_OPTION, withMetadata } from './metadata.ts';

interface Options extends JsonOption {
  readonly metadata?: string;
  readonly same?: boolean;
}

/** thin_delta says of a device that is not there only that it fails. @throws CommandError */
async function demandThins(
  path: string,
  where: string,
  ids: readonly number[],
  { signal }: MetadataToolOptions,
): Promise<void> {
  // What is wrong with metadata that cannot be read this way, thin_delta tells.
  const all = await attempt(() => fileDetails(path, where, { signal }));
  const missing = ids.find((id) => all !== undefined && !all.some((one) => one.id === id));
  if (missing === undefined) return;
  const message = `no thin device ${missing} in ${where}; "dmts thin ls" lists those of a pool`;
  throw new CommandError(message, ExitStatus.noDevice);
}

/** `dmts pool diff` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'diff',
    usage: '[options] NAME ID ID',
    summary: 'Print where two thin devices of a pool differ, with thin_delta',
    details:
      'A line a run of blocks: left_only, right_only or different, the first block, and how many. What is shared is the same, and is left out unless --same. Blocks are of the size that "dmts pool status" shows. In an active pool this is what its last commit has: a metadata snapshot is held meanwhile.',
    examples: ['dmts pool diff tank 1 2', 'dmts pool diff --metadata meta.img 1 2 --json'],
  })
    .argument('[words...]')
    .option(...METADATA_OPTION)
    .option('--same', 'print what is the same in both, too')
    .action(async (words: readonly string[], { metadata, same = false, json }: Options) => {
      const [name, ids] = metadata === undefined ? [words[0], words.slice(1)] : [undefined, words];
      if (ids.length !== 2) {
        throw new UsageError(`expected ${metadata === undefined ? 'NAME ID ID' : 'ID ID'}`);
      }
      const [left, right] = [parseId(ids[0]!), parseId(ids[1]!)];
      const source = metadata === undefined ? { pool: name! } : { path: metadata };
      const shown: DeltaItem[] = [];
      await withMetadata(io, source, async ({ path, options }) => {
        await demandThins(path, name ?? path, [left, right], options);
        for await (const item of thinDelta(path, left, right, options)) {
          if (item.kind === 'same' && !same) continue;
          if (json) shown.push(item);
          else if (item.kind !== 'superblock') {
            io.stdout.write(`${item.kind}\t${item.begin}\t${item.length}\n`);
          }
        }
      });
      if (!json) return;
      const ranges = shown.filter(({ kind }) => kind !== 'superblock');
      const pool = shown.find((item) => item.kind === 'superblock');
      printJson(io, { left, right, blockSize: pool?.blockSize, ranges });
    });
}
