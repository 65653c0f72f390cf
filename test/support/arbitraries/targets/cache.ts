import fc from 'fast-check';
import type { CacheParams } from '../../../../src/dm/targets/cache/cache.ts';
import { anyName, anyWord } from './parts.ts';
import { anyDevice, anyExtra, anyRecord, set } from './words.ts';

/** Parameters of a cache. */
export const anyCache: fc.Arbitrary<CacheParams> = anyRecord<CacheParams, keyof CacheParams>(
  {
    metadataDevice: anyDevice,
    cacheDevice: anyDevice,
    originDevice: anyDevice,
    blockSize: fc.bigInt({ min: 1n, max: 32_768n }).map((n) => n * 64n),
    metadata2: set,
    writeMode: fc.constantFrom('writeback', 'writethrough', 'passthrough'),
    noDiscardPassdown: set,
    policy: anyName,
    policyArgs: fc.array(fc.tuple(anyWord, anyWord), { minLength: 1, maxLength: 3 }),
    extra: anyExtra,
  },
  ['metadataDevice', 'cacheDevice', 'originDevice', 'blockSize', 'policy'],
);
