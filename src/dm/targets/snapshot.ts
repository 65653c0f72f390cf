// snapshot: a device as it was, with what has changed since in a copy-on-write store.
// Source: Documentation/admin-guide/device-mapper/snapshot.rst, drivers/md/dm-snap.c.

import { type NoMessages, type TargetKind, targetKind } from './kind.ts';
import {
  formatSnapshot,
  parseSnapshotStatus,
  type ReportedSnapshot,
  readSnapshot,
  type SnapshotParams,
  type SnapshotStatus,
} from './snapshot-text.ts';

/**
 * A device as it was. While it is being set up its origin is suspended, and the snapshot is resumed before
 * the origin is; the origin is used through a snapshot-origin target from then on.
 */
export const snapshot: TargetKind<SnapshotParams, SnapshotStatus, NoMessages, ReportedSnapshot> =
  targetKind<SnapshotParams, SnapshotStatus, NoMessages, ReportedSnapshot>('snapshot', {
    formatParams: (params: SnapshotParams) => formatSnapshot(params, 'snapshot'),
    readParams: readSnapshot,
    parseStatus: (text) => parseSnapshotStatus(text, 'snapshot'),
    messages: {},
  });
