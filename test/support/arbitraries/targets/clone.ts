import type fc from 'fast-check';
import type { CloneCore, CloneParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyExtra, anyPowerOfTwo, anyRecord, anyU32From, set } from './words.ts';

const anyCore = anyRecord<CloneCore, never>(
  { hydrationThreshold: anyU32From(0), hydrationBatchSize: anyU32From(0), extra: anyExtra },
  [],
).filter((core) => Object.keys(core).length > 0);

/** Parameters of a clone target. */
export const anyClone: fc.Arbitrary<CloneParams> = anyRecord<
  CloneParams,
  'metadataDevice' | 'destinationDevice' | 'sourceDevice' | 'regionSize'
>(
  {
    metadataDevice: anyDevice,
    destinationDevice: anyDevice,
    sourceDevice: anyDevice,
    regionSize: anyPowerOfTwo(3, 21),
    noHydration: set,
    noDiscardPassdown: set,
    extra: anyExtra,
    core: anyCore,
  },
  ['metadataDevice', 'destinationDevice', 'sourceDevice', 'regionSize'],
);
