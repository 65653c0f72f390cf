// snapshot-merge: merges a snapshot into its origin.
// Source: Documentation/admin-guide/device-mapper/snapshot.rst, drivers/md/dm-snap.c.

import { type NoMessages, type TargetKind, targetKind } from '../words/kind.ts';
import {
  formatSnapshot,
  parseSnapshotStatus,
  type ReportedSnapshot,
  readSnapshot,
  type SnapshotParams,
  type SnapshotStatus,
} from './snapshot-text.ts';

/**
 * Merges a snapshot into its origin. It replaces the origin's snapshot-origin target and has the parameters of the
 * snapshot. The merge is complete when `allocated` equals `metadata`.
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
