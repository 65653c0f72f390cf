// What the fields of the options of a storage must be.

import {
  type FieldChecks,
  hasMethods,
  isFlag,
  isPath,
  isQuantity,
  isSignal,
  isText,
  isTextList,
} from '../ioctl/checks.ts';
import type { MountLayerOptions } from './layer-mount.ts';
import type { OpenStorageOptions } from './open.ts';
import type { CreateLayerOptions } from './storage.ts';

export const OPEN: FieldChecks<OpenStorageOptions> = {
  root: isPath,
  storageOptions: isTextList,
  acceptPool: isFlag,
  dm: hasMethods('a DeviceMapper, as DeviceMapper.open gives it', 'create', 'status', 'message'),
  signal: isSignal,
};

export const CREATE: FieldChecks<CreateLayerOptions> = {
  parent: isText,
  size: isQuantity,
  mountLabel: isText,
  signal: isSignal,
};

export const MOUNT: FieldChecks<MountLayerOptions> = { mountLabel: isText, signal: isSignal };
