// dmts pool activate

import type { Command } from 'commander';
import { ThinPool } from '../../thin/pool.ts';
import { describe } from '../describe.ts';
import { UsageError } from '../exit-status.ts';
import type { Io } from '../io.ts';
import { withDeviceMapper } from '../session.ts';
import { type BringUpOptions, bringUp, printPool, withBringUpOptions } from './options.ts';

interface Options extends BringUpOptions {
  readonly transactionId?: bigint;
  readonly readonly?: boolean;
}

function parseTransactionId(text: string): bigint {
  if (/^\d+$/.test(text)) return BigInt(text);
  throw new UsageError(`--transaction-id: expected a whole number, got ${JSON.stringify(text)}`);
}

/** `dmts pool activate` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'activate',
    summary: 'Activate a pool that is there',
    details:
      'Size and block size are what its metadata says. Nothing is written before it is certain that this is a pool, and the right one. What the metadata does not record are the features and the low-water mark.',
    examples: [
      'dmts pool activate tank --metadata meta.img --data data.img',
      'dmts pool activate tank --metadata /dev/sdb1 --data /dev/sdb2 --transaction-id 7',
    ],
  }).argument('<name>', 'name of the pool');
  withBringUpOptions(command)
    .option(
      '--transaction-id <number>',
      'refuse metadata that has another: an older copy, or somebody else has changed the pool',
      parseTransactionId,
    )
    .option('-r, --readonly', 'let nothing be written to it')
    .action(async (name: string, options: Options) => {
      const { transactionId, readonly: readOnly } = options;
      const { features = [], ...common } = bringUp(options, io);
      await withDeviceMapper(io, { threads: true }, async (dm) => {
        await ThinPool.activate(dm, name, {
          ...common,
          features: readOnly ? [...features, 'read_only'] : features,
          ...(transactionId !== undefined && { expect: { transactionId } }),
        });
        await printPool(io, options, dm, name);
      });
    });
}
