// dmts pool grow

import type { Command } from 'commander';
import { type Bytes, SECTOR } from '../../dm/text/units.ts';
import { METADATA_BLOCK } from '../../thin/metadata/metadata-need.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import { withPool } from '../pool-support/arguments.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { CommandError, ExitStatus, UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { type Growth, grown, growth } from '../support/numbers.ts';
import { printPool } from './options.ts';

interface Options extends JsonOption {
  readonly data?: Growth;
  readonly metadata?: Growth;
}

async function metadataSize(pool: ThinPool): Promise<Bytes> {
  const status = await pool.status();
  if (status.state === 'working') return status.metadata.total * METADATA_BLOCK;
  throw new CommandError(
    `the kernel does not report the metadata size of pool "${pool.name}"; give a size without a +`,
    ExitStatus.failed,
  );
}

/** `dmts pool grow` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'grow',
    details:
      'The command grows it to SIZE, or by SIZE after a +. A file grows with its pool; grow a block device first. A pool cannot shrink.',
    examples: ['dmts pool grow tank --data +10g', 'dmts pool grow tank --metadata 64m'],
  })
    .argument('<name>', 'name of the pool')
    .option('--data <size>', 'SIZE or +SIZE of the data', growth('--data'))
    .option('--metadata <size>', 'SIZE or +SIZE of the metadata', growth('--metadata'))
    .action(async (name: string, options: Options) => {
      const { data, metadata } = options;
      if (data === undefined && metadata === undefined) {
        throw new UsageError('missing --data or --metadata');
      }
      await withPool(io, name, async (pool, dm) => {
        const { signal } = io;
        // The metadata first: a pool without free metadata rejects every other change.
        if (metadata !== undefined) {
          const now = metadata.relative ? await metadataSize(pool) : 0n;
          const size = { now, block: METADATA_BLOCK, what: '--metadata' };
          await pool.growMetadata(grown(size, metadata), { signal });
        }
        if (data !== undefined) {
          const { length, params } = await pool.table();
          const block = params.blockSize * SECTOR;
          const size = { now: length * SECTOR, block, what: '--data' };
          await pool.growData(grown(size, data), { signal });
        }
        await printPool(io, options, dm, name);
      });
    });
}
