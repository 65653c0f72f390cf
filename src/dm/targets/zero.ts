// zero: reads give zeros, writes vanish. Source: …/device-mapper/zero.rst.

import { type NoParams, noStatus, type TargetKind, targetKind } from './kind.ts';

/** Reads give zeros, writes vanish. */
export const zero: TargetKind<NoParams, undefined> = targetKind<NoParams, undefined>('zero', {
  formatParams: () => '',
  readParams: () => ({}),
  parseStatus: noStatus,
  messages: {},
});
