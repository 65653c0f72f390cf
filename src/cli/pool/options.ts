// What making a pool and activating one have in common.

import type { Command } from 'commander';
import type { DeviceMapper } from '../../dm/device-mapper.ts';
import type { ThinPoolFeature } from '../../dm/targets/thin-pool.ts';
import type { PoolOptions } from '../../thin/activation.ts';
import type { JsonOption } from '../describe.ts';
import { UsageError } from '../exit-status.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json.ts';
import { wholeNumber } from '../number.ts';
import { poolFigures, poolRecord } from './figures.ts';

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
    `--feature: expected one of ${FEATURES.join(', ')}, got ${JSON.stringify(word)}`,
  );
}

/** The options of both. */
export interface BringUpOptions extends JsonOption {
  readonly metadata: string;
  readonly data: string;
  readonly lowWater?: number;
  readonly feature?: readonly ThinPoolFeature[];
}

/** Add them. */
export const withBringUpOptions = (command: Command): Command =>
  command
    .requiredOption('--metadata <path>', 'block device or file of its metadata')
    .requiredOption('--data <path>', 'block device or file of its data')
    .option(
      '--low-water <blocks>',
      'send an event when no more data blocks than this are free; without it at a fifth of them',
      wholeNumber('--low-water', Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--feature <word>',
      `several times if need be: ${FEATURES.join(', ')}`,
      (word: string, before: readonly ThinPoolFeature[] = []) => [...before, parseFeature(word)],
    );

/** They as the library takes them. */
export const bringUp = (
  { metadata, data, lowWater, feature = [] }: BringUpOptions,
  { signal }: Io,
): PoolOptions => ({
  metadata,
  data,
  features: feature,
  signal,
  ...(lowWater !== undefined && { lowWaterMark: BigInt(lowWater) }),
});

/** With `--json`, print the pool as it is now. */
export async function printPool(
  io: Io,
  { json }: JsonOption,
  dm: DeviceMapper,
  name: string,
): Promise<void> {
  if (json) printJson(io, poolRecord(await poolFigures(dm, name, io)));
}
