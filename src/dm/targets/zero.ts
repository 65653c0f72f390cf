// zero: reads give zeros, writes vanish. Source: …/device-mapper/zero.rst.

import { noStatus, type TargetKind, targetKind } from './kind.ts';
import { Words } from './words.ts';

/** A target without parameters. */
export type NoParams = Readonly<Record<never, never>>;

/** Reads give zeros, writes vanish. */
export const zero: TargetKind<NoParams, undefined> = targetKind<NoParams, undefined>('zero', {
  formatParams: () => '',
  parseParams: (text) => {
    new Words(text, 'zero').end();
    return {};
  },
  parseStatus: noStatus,
});
