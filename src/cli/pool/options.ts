// The common options of `dmts pool create` and `dmts pool activate`.

import type { Command } from 'commander';
import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { ThinPoolFeature } from '../../dm/targets/provisioning/thin-pool.ts';
import type { PoolOptions } from '../../thin/pool/activation.ts';
import { viewOf } from '../pool-support/arguments.ts';
import { poolRecord, readPoolDetails } from '../pool-support/pool-details.ts';
import type { JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { printJson } from '../support/json.ts';
import { wholeNumber } from '../support/numbers.ts';

const FEATURES: readonly ThinPoolFeature[] = [
  'skip_block_zeroing',
  'ignore_discard',
  'no_discard_passdown',
  'read_only',
  'error_if_no_space',
];

function parseFeature(word: string): ThinPoolFeature {
  const found = FEATURES.find((feature) => feature === word);
  if (found !== undefined) return found;
  throw new UsageError(
    `invalid --feature: expected one of ${FEATURES.join(', ')}, got ${JSON.stringify(word)}`,
  );
}

/** The common options. */
export interface ActivationOptions extends JsonOption {
  readonly metadata: string;
  readonly data: string;
  readonly lowWater?: number;
  readonly feature?: readonly ThinPoolFeature[];
}

/** Adds the options to a command. */
export const withActivationOptions = (command: Command): Command =>
  command
    .requiredOption('--metadata <path>', 'block device or file of the metadata; required')
    .requiredOption('--data <path>', 'block device or file of the data; required')
    .option(
      '--low-water <blocks>',
      'send an event when at most this many data blocks are free; default: a fifth of all data blocks',
      wholeNumber('--low-water', Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--feature <word>',
      `a feature of the pool; repeatable: ${FEATURES.join(', ')}`,
      (word: string, before: readonly ThinPoolFeature[] = []) => [...before, parseFeature(word)],
    );

/** Converts the options for the library. */
export const activationOptions = (
  { metadata, data, lowWater, feature = [] }: ActivationOptions,
  { signal }: Io,
): PoolOptions => ({
  metadata,
  data,
  features: feature,
  signal,
  ...(lowWater !== undefined && { lowWaterMark: BigInt(lowWater) }),
});

/** With `--json`, prints the current status of the pool. */
export async function printPool(
  io: Io,
  { json }: JsonOption,
  dm: DeviceMapper,
  name: string,
): Promise<void> {
  if (json) printJson(io, poolRecord(await readPoolDetails(await viewOf(dm, name, io))));
}
