// The health of a pool: the meaning of its status, and the advice.

import type { ThinPoolStatus, WorkingThinPool } from '../../dm/targets/provisioning/thin-pool.ts';
import type { Blocks } from '../../dm/text/units.ts';
import {
  checkFields,
  type FieldChecks,
  isObject,
  isPercent,
  isText,
} from '../../ioctl/input/checks.ts';
import type { PoolErrorCode } from './errors.ts';

/** The state of a pool. In all states but `'ok'` and `'low'`, some operations fail. */
export type PoolState =
  | 'ok'
  /** Data or metadata blocks are running out. */
  | 'low'
  /** No data block is free: writes that need one wait or fail. Messages, such as delete, still work. */
  | 'out-of-data'
  /** No metadata block is free: blocks cannot be provisioned, and thin devices cannot be created or deleted. */
  | 'metadata-full'
  /** The pool was activated read-only. */
  | 'read-only'
  /** A write of the metadata failed. */
  | 'needs-check'
  /** The pool is offline: all its I/O fails. */
  | 'failed';

/** The usage of data or metadata, in blocks. */
export interface Usage {
  readonly used: Blocks;
  readonly total: Blocks;
}

/** A pool's state and usage. */
export interface PoolHealth {
  readonly state: PoolState;
  /** What a person can do; `undefined` for state `'ok'`. */
  readonly advice: string | undefined;
  /** `undefined` when the kernel reports no usage. */
  readonly data: Usage | undefined;
  readonly metadata: Usage | undefined;
}

/** The usage, in percent, at which the state of a pool becomes `'low'`. */
export interface HealthThresholds {
  /** @default 80 */
  readonly dataPercent?: number;
  /** @default 75 */
  readonly metadataPercent?: number;
}

/** The checks of percentages of data and metadata. */
export const PERCENTS: FieldChecks<HealthThresholds> = {
  dataPercent: isPercent,
  metadataPercent: isPercent,
};

/** The default thresholds, in percent. */
export const DEFAULT_THRESHOLDS: Required<HealthThresholds> = {
  dataPercent: 80,
  metadataPercent: 75,
};

/** The advice for each state. */
export const ADVICE: Readonly<Record<PoolState, string | undefined>> = {
  ok: undefined,
  low: 'Grow it, or delete or trim thin devices, before it is full',
  'out-of-data': 'Grow its data device; until then delete or trim thin devices',
  'metadata-full': 'Grow its metadata device',
  'read-only': 'Activate it without the feature read_only to change it',
  'needs-check':
    'Unmount and deactivate everything on it, deactivate it, and run "thin_check --clear-needs-check-flag" on its metadata device; if thin_check finds damage, run "thin_repair"',
  failed:
    'Its metadata cannot be read or written: check the kernel log and the metadata device, deactivate the pool, and run "thin_check"',
};

/** The error code of an operation that a pool in this state refuses. */
export const REFUSAL: Readonly<Record<Exclude<PoolState, 'ok' | 'low'>, PoolErrorCode>> = {
  'out-of-data': 'ERR_POOL_FULL',
  'metadata-full': 'ERR_POOL_METADATA_FULL',
  'read-only': 'ERR_POOL_READ_ONLY',
  'needs-check': 'ERR_POOL_NEEDS_CHECK',
  failed: 'ERR_POOL_FAILED',
};

/** Whether at least `percent`, rounded up to an integer, is used. */
export const isUsedToPercent = ({ used, total }: Usage, percent: number): boolean =>
  used * 100n >= total * BigInt(Math.ceil(percent));

/** The health of a pool with the given status. */
export function poolHealth(status: ThinPoolStatus, thresholds: HealthThresholds = {}): PoolHealth {
  isObject(status, 'status');
  isText(status.state, 'status.state');
  checkFields(thresholds, PERCENTS, [], 'thresholds');
  const working = status.state === 'working' ? status : undefined;
  const state = working === undefined ? 'failed' : stateOf(working, thresholds);
  return { state, advice: ADVICE[state], data: working?.data, metadata: working?.metadata };
}

function stateOf(
  { mode, needsCheck, data, metadata, metadataLowWaterMark = 0n }: WorkingThinPool,
  thresholds: HealthThresholds,
): PoolState {
  const { dataPercent, metadataPercent } = { ...DEFAULT_THRESHOLDS, ...thresholds };
  if (needsCheck) return 'needs-check';
  if (mode === 'ro') return metadata.used >= metadata.total ? 'metadata-full' : 'read-only';
  if (mode === 'out_of_data_space') return 'out-of-data';
  const low =
    isUsedToPercent(data, dataPercent) ||
    isUsedToPercent(metadata, metadataPercent) ||
    metadata.total - metadata.used <= metadataLowWaterMark;
  return low ? 'low' : 'ok';
}
