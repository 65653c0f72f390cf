// The checks of the options of `DeviceMapper`.

import {
  checkedLater,
  checkFields,
  type FieldChecks,
  hasMethods,
  isDuration,
  isFlag,
  isOneOf,
  isPath,
  isSignal,
  SIGNAL,
} from '../../ioctl/input/checks.ts';
import { UDEV, type UdevOptions } from '../udev/udev.ts';
import type {
  CallOptions,
  CreateOptions,
  Geometry,
  LoadOptions,
  MessageOptions,
  OpenOptions,
  RemoveOptions,
  StatusOptions,
  SuspendOptions,
} from './options.ts';

export const OPEN: FieldChecks<OpenOptions> = {
  mangling: isOneOf('auto', 'hex', 'none'),
  devDir: isPath,
  nodes: isFlag,
  udev: (value, field) => checkFields(value as UdevOptions, UDEV, [], field),
  threads: isFlag,
  transport: hasMethods(
    'a Transport, an object with the methods ioctl and close',
    'ioctl',
    'close',
  ),
};

export const CALL: FieldChecks<CallOptions> = SIGNAL;

export const INFO: FieldChecks<{ readonly inactive?: boolean }> = { inactive: isFlag };

export const STATUS: FieldChecks<StatusOptions> = {
  noFlush: isFlag,
  inactive: isFlag,
  signal: isSignal,
};

export const WAIT: FieldChecks<StatusOptions & { readonly eventNr?: number }> = {
  ...STATUS,
  eventNr: checkedLater,
};

export const SUSPEND: FieldChecks<SuspendOptions> = {
  noFlush: isFlag,
  skipLockFs: isFlag,
  signal: isSignal,
};

export const LOAD: FieldChecks<LoadOptions> = { readOnly: isFlag, signal: isSignal };

export const CREATE: FieldChecks<CreateOptions> = {
  table: checkedLater,
  uuid: checkedLater,
  minor: checkedLater,
  readOnly: isFlag,
  signal: isSignal,
};

export const REMOVE: FieldChecks<RemoveOptions> = {
  retryMs: isDuration,
  deferred: isFlag,
  force: isFlag,
  signal: isSignal,
};

export const REMOVE_ALL: FieldChecks<CallOptions & { readonly deferred?: boolean }> = {
  deferred: isFlag,
  signal: isSignal,
};

export const MESSAGE: FieldChecks<MessageOptions> = {
  sector: checkedLater,
  core: isFlag,
  signal: isSignal,
};

export const GEOMETRY: FieldChecks<Geometry> = {
  cylinders: checkedLater,
  heads: checkedLater,
  sectors: checkedLater,
  start: checkedLater,
};
