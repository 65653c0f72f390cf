// Checks for the options of a storage.

import { isDeviceMapper } from '../dm/device/input.ts';
import type { CallOptions } from '../dm/device/options.ts';
import {
  checkFields,
  type FieldChecks,
  isFlag,
  isPath,
  isQuantity,
  isSignal,
  isText,
  isTextList,
} from '../ioctl/input/checks.ts';
import { DIFF, type DiffOptions } from './diff/tree/options.ts';
import type { CreateLayerOptions } from './layers/layer-create.ts';
import type { MountLayerOptions } from './layers/layer-mount.ts';
import type { OpenStorageOptions, OpenViewOptions } from './lifecycle/open.ts';

export const OPEN_VIEW: FieldChecks<OpenViewOptions> = {
  root: isPath,
  storageOptions: isTextList,
  readOnly: isFlag,
  dm: isDeviceMapper,
};

export const OPEN: FieldChecks<OpenStorageOptions> = {
  ...OPEN_VIEW,
  acceptPool: isFlag,
  signal: isSignal,
};

export const CREATE: FieldChecks<CreateLayerOptions> = {
  parent: isText,
  size: isQuantity,
  mountLabel: isText,
  signal: isSignal,
};

export const MOUNT: FieldChecks<MountLayerOptions> = { mountLabel: isText, signal: isSignal };

/** Checks the arguments of `changes`, `diff` and `diffSize`. @throws InputError */
export function checkDiff(
  id: string,
  parent: string | undefined,
  options: DiffOptions | CallOptions,
): void {
  isText(id, 'id');
  if (parent !== undefined) isText(parent, 'parent');
  checkFields<DiffOptions | CallOptions>(options, DIFF);
}
