// Grows a pool before it is full: at each event with a usage above the threshold, by a step, up to a ceiling.

import type { CallOptions } from '../../dm/device/options.ts';
import { type Bytes, type BytesInput, bytes, SECTOR } from '../../dm/text/units.ts';
import { InputError } from '../../dm/wire/errors.ts';
import { PoolError } from '../live/errors.ts';
import { type PoolHandle, poolTable } from '../live/handle.ts';
import { type HealthThresholds, isUsedToPercent, type Usage } from '../live/health.ts';
import { watchPool } from '../live/watch.ts';
import { METADATA_BLOCK } from '../metadata/metadata-need.ts';
import { type GrowOptions, growData, growMetadata } from './growth.ts';

/** When and how far data or metadata grows. */
export interface ExtendRule {
  /** The usage from which it grows, in percent. @default 80 */
  readonly thresholdPercent?: number;
  /** The step, in bytes. */
  readonly step: BytesInput;
  /** The maximum size, in bytes. */
  readonly ceiling: BytesInput;
}

/** The result of a crossed threshold. */
export type Extension =
  | { readonly type: 'extended'; readonly what: 'data' | 'metadata'; readonly size: Bytes }
  /** It cannot grow: the ceiling is reached, or the device or its filesystem is full. */
  | {
      readonly type: 'refused';
      readonly what: 'data' | 'metadata';
      readonly size: Bytes;
      readonly reason: unknown;
    };

/** The rules of automatic growth. */
export interface AutoExtendOptions extends CallOptions {
  readonly data?: ExtendRule;
  readonly metadata?: ExtendRule;
}

const THRESHOLD = 80;
const NEVER_LOW: HealthThresholds = { dataPercent: 100, metadataPercent: 100 };

type What = Extension['what'];

const GROW: Readonly<
  Record<What, (pool: PoolHandle, size: Bytes, options: GrowOptions) => Promise<unknown>>
> = { data: growData, metadata: growMetadata };

/**
 * Grows `pool` whenever its usage exceeds the rules, until it is removed or `signal` is aborted, which throws its
 * reason. The pool's low-water mark is set to match, so that the kernel sends an event in time.
 *
 * A refused growth is yielded once, and tried again at the next event. `checkRule` must have checked the rules.
 */
export async function* autoExtend(
  pool: PoolHandle,
  { data, metadata, signal }: AutoExtendOptions,
): AsyncGenerator<Extension, void, void> {
  // The metadata grows first: data that it cannot describe is refused.
  const rules = Object.entries({ metadata, data }).filter(
    (entry): entry is [What, ExtendRule] => entry[1] !== undefined,
  );
  const units = { data: await armLowWater(pool, data), metadata: METADATA_BLOCK };
  const refused = new Set<What>();
  for await (const { type, health } of watchPool(pool, NEVER_LOW, { signal })) {
    if (type === 'gone') return;
    for (const [what, rule] of rules) {
      const usage = health[what];
      if (usage === undefined || !isUsedToPercent(usage, rule.thresholdPercent ?? THRESHOLD))
        continue;
      const extension = await extend(pool, what, rule, usage, units[what], signal);
      if (extension.type === 'refused' && refused.has(what)) continue;
      if (extension.type === 'refused') refused.add(what);
      else refused.delete(what);
      yield extension;
    }
  }
}

/** Checks a rule. @throws InputError, which names the invalid field */
export function checkRule(
  what: What,
  { thresholdPercent = THRESHOLD, step, ceiling }: ExtendRule,
): void {
  const demand = (holds: boolean, field: string, expected: string, received: unknown): void => {
    if (!holds) throw new InputError({ field: `${what}.${field}`, expected, received });
  };
  const percent =
    typeof thresholdPercent === 'number' && thresholdPercent > 0 && thresholdPercent <= 100;
  demand(percent, 'thresholdPercent', 'a number above 0, at most 100', thresholdPercent);
  demand(bytes(step, `${what}.step`) > 0n, 'step', 'bytes, above 0', step);
  demand(bytes(ceiling, `${what}.ceiling`) > 0n, 'ceiling', 'bytes, above 0', ceiling);
}

/** The free blocks of `total` at the threshold. */
const freeAt = (total: bigint, { thresholdPercent = THRESHOLD }: ExtendRule): bigint =>
  (total * BigInt(Math.floor(100 - thresholdPercent))) / 100n;

/** Sets the low-water mark to the threshold of the data. @returns bytes of a data block */
async function armLowWater(pool: PoolHandle, rule: ExtendRule | undefined): Promise<bigint> {
  const { length, params } = await poolTable(pool);
  const block = params.blockSize * SECTOR;
  const lowWaterMark = rule && freeAt(length / params.blockSize, rule);
  if (lowWaterMark !== undefined && lowWaterMark !== params.lowWaterMark) {
    await growData(pool, length * SECTOR, { lowWaterMark });
  }
  return block;
}

/** Grows in whole steps until the usage is below the threshold, or up to the ceiling. */
async function extend(
  pool: PoolHandle,
  what: What,
  rule: ExtendRule,
  { used, total }: Usage,
  unit: bigint,
  signal: AbortSignal | undefined,
): Promise<Extension> {
  const { thresholdPercent = THRESHOLD } = rule;
  const [step, ceiling] = [bytes(rule.step), bytes(rule.ceiling)];
  const now = total * unit;
  const enough = (used * unit * 100n) / BigInt(Math.floor(thresholdPercent)) + 1n;
  const steps = (enough - now + step - 1n) / step;
  const wanted = now + (steps > 0n ? steps : 1n) * step;
  const size = wanted < ceiling ? wanted : ceiling;
  try {
    if (size < now + unit) {
      throw new PoolError({
        code: 'ERR_POOL_SIZE',
        pool: pool.name,
        problem: `cannot grow its ${what} of ${now} bytes: the ceiling is ${ceiling}`,
        hint: 'Raise the ceiling, or delete or trim thin devices',
      });
    }
    const lowWaterMark = what === 'data' ? freeAt(size / unit, rule) : undefined;
    await GROW[what](pool, size, { lowWaterMark, overcommit: false, signal });
    return { type: 'extended', what, size };
  } catch (reason) {
    // Refusals have a code. An error without one is a fault of this program.
    signal?.throwIfAborted();
    if (typeof (reason as NodeJS.ErrnoException).code !== 'string') throw reason;
    return { type: 'refused', what, size, reason };
  }
}
