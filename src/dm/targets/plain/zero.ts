// zero: reads return zeros, writes are dropped. Source: …/device-mapper/zero.rst.

import { type NoParams, noStatus, type TargetKind, targetKind } from '../words/kind.ts';

/** Reads return zeros, writes are dropped. Its status is empty. */
export const zero: TargetKind<NoParams, undefined> = targetKind<NoParams, undefined>('zero', {
  formatParams: () => '',
  readParams: () => ({}),
  parseStatus: noStatus,
  messages: {},
});
