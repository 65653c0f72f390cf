// The options of pools and thin devices, and their checks.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import { checkDeviceMapper } from '../../dm/device/input.ts';
import {
  checkedLater,
  checkFields,
  type FieldChecks,
  isDuration,
  isFlag,
  isFunction,
  isObject,
  isPath,
  isQuantity,
  isSignal,
  isText,
  isTextList,
} from '../../ioctl/input/checks.ts';
import type { AutoExtendOptions } from '../backing/auto-extend.ts';
import type { GrowOptions } from '../backing/growth.ts';
import type { ActivateThinOptions, DeactivateThinOptions } from '../devices/thin-devices.ts';
import type { HealthThresholds } from '../live/health.ts';
import { PERCENTS } from '../live/health.ts';
import type { ChangeOptions, PoolTransaction } from '../live/messenger.ts';
import type { Reserve } from '../live/reserve.ts';
import type { OwnedOptions } from '../live/suspended.ts';
import type { CompareThinsOptions } from '../metadata/difference.ts';
import type { ActivatePoolOptions, CreatePoolOptions, PoolOptions } from './activation.ts';

/** How a pool is viewed. */
export interface PoolViewOptions {
  /** The thresholds of the health `'low'`. */
  readonly thresholds?: HealthThresholds;
  /** Where sysfs is mounted. @default '/sys' */
  readonly sysDir?: string;
}

/** How an active pool is opened. */
export interface OpenPoolOptions extends Pick<PoolViewOptions, 'thresholds'> {
  /** The free space that new thin devices and snapshots require. @default one data block */
  readonly reserve?: Reserve;
}

/** How an active pool, possibly another program's, is opened. */
export interface OpenLivePoolOptions extends OpenPoolOptions, OwnedOptions {}

export const VIEW: FieldChecks<PoolViewOptions> = { thresholds: isObject, sysDir: isPath };

export const COMPARE: FieldChecks<CompareThinsOptions> = { same: isFlag, signal: isSignal };

const OPEN: FieldChecks<OpenPoolOptions> = { reserve: isObject, thresholds: isObject };

export const OPEN_LIVE: FieldChecks<OpenLivePoolOptions> = { ...OPEN, owned: isFlag };

const POOL: FieldChecks<PoolOptions & OpenPoolOptions> = {
  ...OPEN,
  metadata: isPath,
  data: isPath,
  lowWaterMark: isQuantity,
  features: isTextList,
  uuid: isText,
  signal: isSignal,
};

export const CREATE: FieldChecks<CreatePoolOptions & OpenPoolOptions> = {
  ...POOL,
  metadataSize: isQuantity,
  dataSize: isQuantity,
  blockSize: isQuantity,
  overwrite: isFlag,
};

export const ACTIVATE: FieldChecks<ActivatePoolOptions & OpenPoolOptions> = {
  ...POOL,
  expect: isObject,
  readOnly: isFlag,
};

export const EXPECT: FieldChecks<NonNullable<ActivatePoolOptions['expect']>> = {
  transactionId: isQuantity,
  blockSize: isQuantity,
  dataBlocks: isQuantity,
};

const CHANGE: FieldChecks<ChangeOptions> = {
  transaction: isObject,
  useReserve: isFlag,
  signal: isSignal,
};

const TRANSACTION: FieldChecks<PoolTransaction> = {
  from: isQuantity,
  to: isQuantity,
  intent: isFunction,
  sent: isFunction,
  record: isFunction,
};

export const ACTIVATE_THIN: FieldChecks<ActivateThinOptions> = {
  length: isQuantity,
  name: isText,
  readOnly: isFlag,
  externalOrigin: checkedLater,
  signal: isSignal,
};

export const DEACTIVATE: FieldChecks<DeactivateThinOptions> = {
  timeoutMs: isDuration,
  deferred: isFlag,
  signal: isSignal,
};

export const GROW: FieldChecks<GrowOptions> = {
  lowWaterMark: isQuantity,
  overcommit: isFlag,
  signal: isSignal,
};

export const AUTO_EXTEND: FieldChecks<AutoExtendOptions> = {
  data: isObject,
  metadata: isObject,
  signal: isSignal,
};

/** Checks the device mapper and the name of a pool. @throws InputError */
export function checkPool(dm: DeviceMapper, name: string): void {
  checkDeviceMapper(dm);
  isText(name, 'name');
}

/** Checks the options that a view keeps, and copies them. @throws InputError */
export function viewOptions({ thresholds, sysDir }: PoolViewOptions): PoolViewOptions {
  if (thresholds !== undefined) checkFields(thresholds, PERCENTS, [], 'thresholds');
  return { ...(thresholds && { thresholds }), ...(sysDir !== undefined && { sysDir }) };
}

/** Checks the options that a ThinPool keeps, and copies them. @throws InputError */
export function openOptions({ reserve, ...view }: OpenPoolOptions): OpenPoolOptions {
  if (reserve !== undefined) checkFields(reserve, PERCENTS, [], 'reserve');
  return { ...(reserve && { reserve }), ...viewOptions(view) };
}

/** Checks the options of a change. @throws InputError */
export function checkChange(options: ChangeOptions): void {
  checkFields(options, CHANGE);
  if (options.transaction === undefined) return;
  checkFields(options.transaction, TRANSACTION, ['from', 'to'], 'transaction');
}
