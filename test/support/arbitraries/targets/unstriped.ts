import type fc from 'fast-check';
import type { UnstripedParams } from '../../../../src/dm/targets/index.ts';
import { anyDevice, anyRecord, anySectors, anyU32From } from './words.ts';

/** Parameters of an unstriped target. */
export const anyUnstriped: fc.Arbitrary<UnstripedParams> = anyRecord<
  UnstripedParams,
  keyof UnstripedParams
>(
  {
    stripes: anyU32From(1),
    chunkSize: anyU32From(1).map(BigInt),
    stripe: anyU32From(0),
    device: anyDevice,
    offset: anySectors,
  },
  ['stripes', 'chunkSize', 'stripe', 'device', 'offset'],
).map((params) => ({ ...params, stripe: params.stripe % params.stripes }));
