import type fc from 'fast-check';
import type { SnapshotOriginParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyRecord } from './words.ts';

/** Parameters of a snapshot-origin target. */
export const anySnapshotOrigin: fc.Arbitrary<SnapshotOriginParams> = anyRecord<
  SnapshotOriginParams,
  'device'
>({ device: anyDevice }, ['device']);
