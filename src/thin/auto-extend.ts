// Growing a pool before it is full: at each event that shows it above its threshold, by a step, up to a ceiling.

import { InputError } from '../dm/errors.ts';
import type { CallOptions } from '../dm/options.ts';
import { type Bytes, type BytesInput, bytes } from '../dm/units.ts';
import { PoolError } from './errors.ts';
import { type GrowOptions, growData, growMetadata } from './growth.ts';
import { type PoolHandle, poolTable } from './handle.ts';
import { type HealthThresholds, isUsed, type Usage } from './health.ts';
import { METADATA_BLOCK } from './metadata-need.ts';
import { watchPool } from './watch.ts';

/** When and how far something grows. */
export interface ExtendRule {
  /** From this use on, in percent. @default 80 */
  readonly thresholdPercent?: number;
  /** What it grows by each time. */
  readonly step: BytesInput;
  /** It never grows beyond. */
  readonly ceiling: BytesInput;
}

/** What has come of a threshold that was crossed. */
export type Extension =
  | { readonly type: 'extended'; readonly what: 'data' | 'metadata'; readonly size: Bytes }
  /** It could not grow: the ceiling is reached, or the device or its filesystem is full. */
  | {
      readonly type: 'refused';
      readonly what: 'data' | 'metadata';
      readonly size: Bytes;
      readonly reason: unknown;
    };

/** What to grow. */
export interface AutoExtendOptions extends CallOptions {
  readonly data?: ExtendRule;
  readonly metadata?: ExtendRule;
}

const THRESHOLD = 80;
const SECTOR = 512n;
const NEVER_LOW: HealthThresholds = { dataPercent: 100, metadataPercent: 100 };

type What = Extension['what'];

const GROW: Readonly<
  Record<What, (pool: PoolHandle, size: Bytes, options: GrowOptions) => Promise<unknown>>
> = { data: growData, metadata: growMetadata };

/**
 * Grow `pool` whenever it is fuller than the rules allow, until it is gone or `signal` is aborted, which throws its
 * reason. The pool's low-water mark is set to match: the kernel then wakes us in time.
 *
 * What could not grow is told once, and tried again at the next event.
 * The rules have been checked by `checkRule`.
 */
export async function* autoExtend(
  pool: PoolHandle,
  { data, metadata, signal }: AutoExtendOptions,
): AsyncGenerator<Extension, void, void> {
  // The metadata first: data that it cannot describe is refused.
  const rules = Object.entries({ metadata, data }).filter(
    (entry): entry is [What, ExtendRule] => entry[1] !== undefined,
  );
  const units = { data: await armLowWater(pool, data), metadata: METADATA_BLOCK };
  const refused = new Set<What>();
  for await (const { type, health } of watchPool(pool, NEVER_LOW, { signal })) {
    if (type === 'gone') return;
    for (const [what, rule] of rules) {
      const usage = health[what];
      if (usage === undefined || !isUsed(usage, rule.thresholdPercent ?? THRESHOLD)) continue;
      const extension = await extend(pool, what, rule, usage, units[what], signal);
      if (extension.type === 'refused' && refused.has(what)) continue;
      if (extension.type === 'refused') refused.add(what);
      else refused.delete(what);
      yield extension;
    }
  }
}

/** @throws InputError naming the field of a rule that cannot be */
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

/** Free blocks of `total` at which `thresholdPercent` of them are used. */
const freeAt = (total: bigint, { thresholdPercent = THRESHOLD }: ExtendRule): bigint =>
  (total * BigInt(Math.floor(100 - thresholdPercent))) / 100n;

/** Have the kernel wake us at the threshold of the data. @returns bytes of a data block */
async function armLowWater(pool: PoolHandle, rule: ExtendRule | undefined): Promise<bigint> {
  const { length, params } = await poolTable(pool);
  const block = params.blockSize * SECTOR;
  const lowWaterMark = rule && freeAt(length / params.blockSize, rule);
  if (lowWaterMark !== undefined && lowWaterMark !== params.lowWaterMark) {
    await growData(pool, length * SECTOR, { lowWaterMark });
  }
  return block;
}

/** Grow as far as brings its use below the threshold, in whole steps, or as far as the ceiling lets it. */
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
        problem: `its ${what} has ${now} bytes and may grow to ${ceiling}`,
        hint: 'Raise the ceiling, or delete or trim thin devices',
      });
    }
    const lowWaterMark = what === 'data' ? freeAt(size / unit, rule) : undefined;
    await GROW[what](pool, size, { lowWaterMark, overcommit: false, signal });
    return { type: 'extended', what, size };
  } catch (reason) {
    // The kernel, the filesystem and we ourselves refuse with a code; what has none is a mistake of ours.
    signal?.throwIfAborted();
    if (typeof (reason as NodeJS.ErrnoException).code !== 'string') throw reason;
    return { type: 'refused', what, size, reason };
  }
}
