// snapshot-merge: a snapshot that is being written back to its origin.
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
 * A snapshot that is being written back to its origin: it takes the place of the origin's snapshot-origin
 * target, with the parameters of the snapshot. All is merged when `allocated` has come down to `metadata`.
 */
export const snapshotMerge: TargetKind<
  SnapshotParams,
  SnapshotStatus,
  NoMessages,
  ReportedSnapshot
> = targetKind<SnapshotParams, SnapshotStatus, NoMessages, ReportedSnapshot>('snapshot-merge', {
  formatParams: (params: SnapshotParams) => formatSnapshot(params, 'snapshot-merge'),
  readParams: readSnapshot,
  parseStatus: (text) => parseSnapshotStatus(text, 'snapshot-merge'),
  messages: {},
});
