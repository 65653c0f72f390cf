import fc from 'fast-check';
import type { InlinecryptParams } from '../../../../src/dm/targets/security/inlinecrypt.ts';
import { anyU64 } from '../values.ts';
import { anyKey } from './parts.ts';
import { anyDevice, anyExtra, anyRecord, set } from './words.ts';

/** Parameters of an inlinecrypt target. */
export const anyInlinecrypt: fc.Arbitrary<InlinecryptParams> = anyRecord<
  InlinecryptParams,
  keyof InlinecryptParams
>(
  {
    cipher: fc.constant('aes-xts-plain64'),
    key: anyKey,
    ivOffset: anyU64,
    device: anyDevice,
    offset: anyU64,
    keyType: fc.constantFrom('raw', 'hw-wrapped'),
    allowDiscards: set,
    sectorSize: fc.constantFrom(512, 1024, 2048, 4096),
    ivLargeSectors: set,
    extra: anyExtra,
  },
  ['cipher', 'key', 'ivOffset', 'device', 'offset'],
).map((params) =>
  (params.sectorSize ?? 512) === 512 ? params : { ...params, ivLargeSectors: true },
);
