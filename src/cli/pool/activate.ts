// dmts pool activate

import type { Command } from 'commander';
import { ThinPool } from '../../thin/pool/pool.ts';
import { describe } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { withDeviceMapper } from '../support/session.ts';
import {
  type ActivationOptions,
  activationOptions,
  printPool,
  withActivationOptions,
} from './options.ts';

interface Options extends ActivationOptions {
  readonly transactionId?: bigint;
  readonly readonly?: boolean;
}

function parseTransactionId(text: string): bigint {
  if (/^\d+$/.test(text)) return BigInt(text);
  throw new UsageError(
    `invalid --transaction-id: expected a whole number, got ${JSON.stringify(text)}`,
  );
}

/** `dmts pool activate` */
export function define(program: Command, io: Io): void {
  const command = describe(program, {
    name: 'activate',
    details:
      'It reads size and block size from the metadata. Nothing is written before the metadata is verified. The metadata does not record the features and the low-water mark: give them again.',
    examples: [
      'dmts pool activate tank --metadata meta.img --data data.img',
      'dmts pool activate tank --metadata /dev/sdb1 --data /dev/sdb2 --transaction-id 7',
    ],
  }).argument('<name>', 'name of the pool');
  withActivationOptions(command)
    .option(
      '--transaction-id <number>',
      'fail if the metadata has another transaction id: it is an older copy, or another program changed the pool',
      parseTransactionId,
    )
    .option('-r, --readonly', 'activate the pool read-only')
    .action(async (name: string, options: Options) => {
      const { transactionId, readonly: readOnly } = options;
      const { features = [], ...common } = activationOptions(options, io);
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
