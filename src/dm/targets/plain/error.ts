// error: all I/O fails. Source: drivers/md/dm-target.c.

import { type NoParams, noStatus, type TargetKind, targetKind } from '../words/kind.ts';

/** All I/O fails with EIO. It may replace any other target; the forced removal of a device uses this. */
export const error: TargetKind<NoParams, undefined> = targetKind<NoParams, undefined>('error', {
  formatParams: () => '',
  // The kernel accepts and ignores any words here, and does not report them.
  readParams: () => ({}),
  parseStatus: noStatus,
  messages: {},
});
