import fc from 'fast-check';
import type { IntegrityParams } from '../../../../src/dm/targets/security/integrity.ts';
import type { KeyedAlgorithm } from '../../../../src/dm/targets/words/key-words.ts';
import { anyU32, anyU64 } from '../values.ts';
import { anyName, plainKey } from './parts.ts';
import { anyDevice, anyExtra, anyRecord, set } from './words.ts';

const algorithm: fc.Arbitrary<KeyedAlgorithm> = anyRecord<KeyedAlgorithm, keyof KeyedAlgorithm>(
  { algorithm: anyName, key: plainKey },
  ['algorithm'],
);

/** Compatible options. */
function consistent(params: IntegrityParams): IntegrityParams {
  const { metaDevice, journalCrypt, journalMac, allowDiscards, ...inline } = params;
  const fitting: IntegrityParams = params.mode === 'I' ? inline : params;
  const { tagSize, mode, internalHash } = fitting;
  const needed = tagSize === undefined || mode === 'B' || fitting.allowDiscards;
  return needed && internalHash === undefined
    ? { ...fitting, internalHash: { algorithm: 'crc32c' } }
    : fitting;
}

/** Parameters of an integrity target. */
export const anyIntegrity: fc.Arbitrary<IntegrityParams> = anyRecord<
  IntegrityParams,
  keyof IntegrityParams
>(
  {
    device: anyDevice,
    reservedSectors: anyU64,
    tagSize: anyU32,
    mode: fc.constantFrom('J', 'B', 'D', 'R', 'I'),
    metaDevice: anyDevice,
    blockSize: fc.constantFrom(512, 1024, 2048, 4096),
    recalculate: set,
    resetRecalculate: set,
    allowDiscards: set,
    allowDiscardsKeyed: set,
    journalSectors: anyU32,
    interleaveSectors: anyU32,
    bufferSectors: fc.constantFrom(1, 8, 128, 65_536),
    journalWatermark: fc.integer({ min: 0, max: 100 }),
    commitTime: anyU32,
    sectorsPerBit: anyU64,
    bitmapFlushInterval: anyU32,
    fixPadding: set,
    fixHmac: set,
    legacyRecalculate: set,
    internalHash: algorithm,
    journalCrypt: algorithm,
    journalMac: algorithm,
    extra: anyExtra,
  },
  ['device', 'reservedSectors', 'mode'],
).map(consistent);
