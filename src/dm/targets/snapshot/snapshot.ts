// snapshot: the state of an origin at one time; a copy-on-write store has the blocks that changed since.
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
 * A snapshot of an origin. To create one, suspend the origin, then resume the snapshot before the origin. From then on
 * the origin must be used through a snapshot-origin target.
 */
export const snapshot: TargetKind<SnapshotParams, SnapshotStatus, NoMessages, ReportedSnapshot> =
  targetKind<SnapshotParams, SnapshotStatus, NoMessages, ReportedSnapshot>('snapshot', {
    formatParams: (params: SnapshotParams) => formatSnapshot(params, 'snapshot'),
    readParams: readSnapshot,
    parseStatus: (text) => parseSnapshotStatus(text, 'snapshot'),
    messages: {},
  });
