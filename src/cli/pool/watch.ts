// dmts pool watch

import type { Command } from 'commander';
import { formatSize, parseSize } from '../../dm/text/size.ts';
import type { ExtendRule, Extension } from '../../thin/backing/auto-extend.ts';
import type { PoolEvent } from '../../thin/live/watch.ts';
import type { ThinPool } from '../../thin/pool/pool.ts';
import type { PoolView } from '../../thin/pool/view.ts';
import { withPool, withView } from '../pool-support/arguments.ts';
import { usageRecord } from '../pool-support/pool-details.ts';
import { percentText } from '../support/bar.ts';
import { describe, type JsonOption } from '../support/describe.ts';
import { UsageError } from '../support/exit-status.ts';
import type { Io } from '../support/io.ts';
import { toJsonLine } from '../support/json.ts';
import { wholeNumber } from '../support/numbers.ts';

interface Options extends JsonOption {
  readonly extendData?: ExtendRule;
  readonly extendMetadata?: ExtendRule;
  readonly threshold?: number;
}

const rule =
  (what: string) =>
  (text: string): ExtendRule => {
    const [step, ceiling, ...more] = text.split(':');
    if (step === undefined || ceiling === undefined || more.length > 0) {
      throw new UsageError(`invalid ${what}: expected STEP:CEILING, got ${JSON.stringify(text)}`);
    }
    const sizes = { step: parseSize(step, what), ceiling: parseSize(ceiling, what) };
    if (sizes.step > 0n && sizes.ceiling > 0n) return sizes;
    throw new UsageError(`invalid ${what}: expected sizes above 0, got ${JSON.stringify(text)}`);
  };

function eventLine({ type, health }: PoolEvent, json: boolean): string {
  const { state, advice, data, metadata } = health;
  if (json) {
    return toJsonLine({
      type,
      state,
      advice,
      data: usageRecord(data),
      metadata: usageRecord(metadata),
    });
  }
  const usage = [
    data ? ` data ${percentText(data)}` : '',
    metadata ? ` metadata ${percentText(metadata)}` : '',
    type === 'health' && advice ? `: ${advice}` : '',
  ];
  return `${type} ${state}${usage.join('')}`;
}

function extensionLine(extension: Extension, json: boolean): string {
  const { type, what, size } = extension;
  const reason = extension.type === 'refused' ? (extension.reason as Error).message : undefined;
  if (json) return toJsonLine({ type, what, size, reason });
  return `${type} ${what} ${formatSize(size)}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Runs all tasks until they end. The failure of a task aborts the others. @throws the error of the first failed task */
async function together(
  signal: AbortSignal,
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const guarded = tasks.map(async (task) => {
    try {
      await task(either);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(guarded);
  await Promise.all(guarded);
}

/** Prints a line. */
type Say = (line: string) => unknown;

async function watch(pool: PoolView, json: boolean, say: Say, signal: AbortSignal): Promise<void> {
  for await (const event of pool.watch({ signal })) say(eventLine(event, json));
}

async function extend(
  pool: ThinPool,
  { json = false, threshold, extendData, extendMetadata }: Options,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  const withThreshold = (extendRule: ExtendRule): ExtendRule =>
    threshold === undefined ? extendRule : { ...extendRule, thresholdPercent: threshold };
  const rules = {
    ...(extendData && { data: withThreshold(extendData) }),
    ...(extendMetadata && { metadata: withThreshold(extendMetadata) }),
  };
  for await (const extension of pool.autoExtend({ ...rules, signal })) {
    say(extensionLine(extension, json));
  }
}

/** `dmts pool watch` */
export function define(program: Command, io: Io): void {
  describe(program, {
    name: 'watch',
    details:
      'The command prints one line per event: health (the new state, and the remedy), usage, extended (the pool has grown), refused (the pool could not grow), gone (the pool is deactivated). With --json each line is a JSON document. The command ends when the pool is deactivated, or at Ctrl-C.',
    examples: [
      'dmts pool watch tank',
      'dmts pool watch tank --extend-data 10g:100g --extend-metadata 16m:256m --threshold 70',
    ],
  })
    .argument('<name>', 'name of the pool')
    .option(
      '--extend-data <step:ceiling>',
      'grow the data by STEP, up to CEILING',
      rule('--extend-data'),
    )
    .option(
      '--extend-metadata <step:ceiling>',
      'grow the metadata by STEP, up to CEILING',
      rule('--extend-metadata'),
    )
    .option(
      '--threshold <percent>',
      'grow when this percentage is used; default 80',
      wholeNumber('--threshold', 100),
    )
    .action((name: string, options: Options) => {
      const { extendData, extendMetadata, threshold } = options;
      const extending = extendData !== undefined || extendMetadata !== undefined;
      if (threshold !== undefined && !extending) {
        throw new UsageError('--threshold needs --extend-data or --extend-metadata');
      }
      if (threshold === 0) throw new UsageError('invalid --threshold: expected at least 1, got 0');
      const { json = false } = options;
      const say: Say = (line) => io.stdout.write(`${line}\n`);
      if (!extending) return withView(io, name, (view) => watch(view, json, say, io.signal));
      return withPool(io, name, (pool) =>
        together(io.signal, [
          (signal) => watch(pool, json, say, signal),
          (signal) => extend(pool, options, say, signal),
        ]),
      );
    });
}
