// dmts pool diff

import type { Command } from 'commander';
import { compareThins } from '../../thin/devices/at-path.ts';
import { isPoolError, PoolError } from '../../thin/live/errors.ts';
import type { DeltaItem } from '../../thin/metadata/delta.ts';
import { parseId } from '../pool-support/arguments.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { CommandError, ExitStatus, UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { METADATA_OPTION, SNAP_OPTION, withMetadata } from './metadata.ts';

interface Options extends JsonOption {
  readonly metadata?: string;
  readonly metadataSnap?: boolean;
  readonly same?: boolean;
}

/** Names the pool instead of the device that the library reads. @throws CommandError, PoolError ERR_POOL_METADATA */
async function naming<T>(where: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isPoolError(error, 'ERR_POOL_METADATA')) {
      const { code, problem, hint } = error;
      throw new PoolError({ code, pool: where, problem, hint, cause: error });
    }
    if (!isPoolError(error, 'ERR_THIN_MISSING')) throw error;
    const message = `no thin device ${error.id} in ${where}; "dmts thin ls" lists those of a pool`;
    throw new CommandError(message, ExitStatus.noDevice);
  }
}

/** `dmts pool diff` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'diff',
    usage: '[options] NAME ID ID',
    details:
      'One line per run of blocks: left_only, right_only or different, the first block, and the number of blocks. Without --same, it omits equal blocks and does not read what the devices share. "dmts pool status" shows the block size. Of an active pool, it compares the last commit. It writes nothing.',
    examples: ['dmts pool diff tank 1 2', 'dmts pool diff --metadata meta.img 1 2 --json'],
  })
    .argument('[words...]')
    .option(...METADATA_OPTION)
    .option(...SNAP_OPTION)
    .option('--same', 'also print equal blocks')
    .action(async (words: readonly string[], options: Options) => {
      const { metadata, metadataSnap = false, same = false, json } = options;
      const [name, ids] = metadata === undefined ? [words[0], words.slice(1)] : [undefined, words];
      if (ids.length !== 2) {
        throw new UsageError(`expected ${metadata === undefined ? 'NAME ID ID' : 'ID ID'}`);
      }
      const [left, right] = [parseId(ids[0]!), parseId(ids[1]!)];
      const source = metadata === undefined ? { pool: name!, metadataSnap } : { path: metadata };
      const items = await withMetadata(io, source, ({ path, options: how }) =>
        naming(name ?? path, () => collect(compareThins(path, left, right, { ...how, same }))),
      );
      const ranges = items.filter((item) => item.kind !== 'superblock');
      if (!json) {
        for (const { kind, begin, length } of ranges) {
          io.stdout.write(`${kind}\t${begin}\t${length}\n`);
        }
        return;
      }
      const pool = items.find((item) => item.kind === 'superblock');
      printJson(io, { left, right, blockSize: pool?.blockSize, ranges });
    });
}

/** Collects all items first: they are printed only if all of them are of one commit. */
async function collect(items: AsyncIterable<DeltaItem>): Promise<readonly DeltaItem[]> {
  const all: DeltaItem[] = [];
  for await (const item of items) all.push(item);
  return all;
}
