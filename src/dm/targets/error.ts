// error: all I/O fails. Source: drivers/md/dm-target.c.

import { type NoParams, noStatus, type TargetKind, targetKind } from './kind.ts';

/** All I/O fails with EIO. It may stand in for any other target, which is how a device is removed by force. */
export const error: TargetKind<NoParams, undefined> = targetKind<NoParams, undefined>('error', {
  formatParams: () => '',
  // The kernel takes any words here, ignores them, and never gives them back.
  readParams: () => ({}),
  parseStatus: noStatus,
  messages: {},
});
