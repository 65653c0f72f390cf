// snapshot-origin: the origin of snapshots. A write copies the old data to the snapshots first.
// Source: Documentation/admin-guide/device-mapper/snapshot.rst, drivers/md/dm-snap.c.

import { noStatus, type TargetKind, targetKind } from '../words/kind.ts';
import { deviceWord } from '../words/words.ts';

/** Parameters of a snapshot-origin target. */
export interface SnapshotOriginParams {
  /** The origin of the snapshots: a path, or `major:minor`. */
  readonly device: string;
}

/** The origin of snapshots. A write copies the old data to the snapshots first. Its status is empty. */
export const snapshotOrigin: TargetKind<SnapshotOriginParams> = targetKind<SnapshotOriginParams>(
  'snapshot-origin',
  {
    formatParams: ({ device }: SnapshotOriginParams) =>
      deviceWord(device, 'snapshot-origin.device'),
    readParams: (words) => ({ device: words.word('device') }),
    parseStatus: noStatus,
    messages: {},
  },
);
