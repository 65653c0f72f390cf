// snapshot-origin: a device whose snapshots see what is written to it.
// Source: Documentation/admin-guide/device-mapper/snapshot.rst, drivers/md/dm-snap.c.

import { noStatus, type TargetKind, targetKind } from './kind.ts';
import { deviceWord } from './words.ts';

/** Parameters of a snapshot-origin target. */
export interface SnapshotOriginParams {
  /** The device that the snapshots have as their origin: a path, or `major:minor`. */
  readonly device: string;
}

/** A device whose snapshots see what is written to it. Its status is empty. */
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
