import fc from 'fast-check';
import type { VerityFec, VerityParams } from '../../../../src/dm/targets/security/verity.ts';
import { anyU64 } from '../values.ts';
import { anyHex, anyName, anyWord } from './parts.ts';
import { anyDevice, anyExtra, anyRecord, set } from './words.ts';

const blockSize = fc.constantFrom(512, 1024, 4096, 65_536);

const fec: fc.Arbitrary<VerityFec> = fc.record(
  { device: anyDevice, blocks: anyU64, start: anyU64, roots: fc.integer({ min: 2, max: 24 }) },
  { noNullPrototype: true },
);

/** Parameters of a verity target. */
export const anyVerity: fc.Arbitrary<VerityParams> = anyRecord<VerityParams, keyof VerityParams>(
  {
    version: fc.constantFrom(0, 1),
    dataDevice: anyDevice,
    hashDevice: anyDevice,
    dataBlockSize: blockSize,
    hashBlockSize: blockSize,
    dataBlocks: anyU64,
    hashStart: anyU64,
    algorithm: anyName,
    rootHash: anyHex,
    salt: anyHex,
    onCorruption: fc.constantFrom('ignore', 'restart', 'panic'),
    onError: fc.constantFrom('restart', 'panic'),
    ignoreZeroBlocks: set,
    checkAtMostOnce: set,
    fec,
    tryVerifyInTasklet: set,
    rootHashSigKeyDesc: anyWord,
    extra: anyExtra,
  },
  [
    'version',
    'dataDevice',
    'hashDevice',
    'dataBlockSize',
    'hashBlockSize',
    'dataBlocks',
    'hashStart',
    'algorithm',
    'rootHash',
  ],
);
