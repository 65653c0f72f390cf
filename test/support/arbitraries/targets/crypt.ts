import fc from 'fast-check';
import type { CryptParams } from '../../../../src/dm/targets/security/crypt.ts';
import { anyU64 } from '../values.ts';
import { anyKey, anyWord } from './parts.ts';
import { anyDevice, anyExtra, anyRecord, set } from './words.ts';

/** Parameters of a crypt target. */
export const anyCrypt: fc.Arbitrary<CryptParams> = anyRecord<CryptParams, keyof CryptParams>(
  {
    cipher: fc.oneof(
      fc.constantFrom('aes-xts-plain64', 'capi:authenc(hmac(sha256),xts(aes))-random'),
      anyWord,
    ),
    key: anyKey,
    ivOffset: anyU64,
    device: anyDevice,
    offset: anyU64,
    allowDiscards: set,
    sameCpuCrypt: set,
    highPriority: set,
    submitFromCryptCpus: set,
    noReadWorkqueue: set,
    noWriteWorkqueue: set,
    integrity: fc.record(
      { bytes: fc.integer({ min: 1, max: 480 }), mode: fc.constantFrom('aead', 'none') },
      { noNullPrototype: true },
    ),
    sectorSize: fc.constantFrom(512, 1024, 2048, 4096),
    ivLargeSectors: set,
    integrityKeySize: fc.integer({ min: 1, max: 480 }),
    extra: anyExtra,
  },
  ['cipher', 'key', 'ivOffset', 'device', 'offset'],
);
