// Targets that encrypt or verify, with parameters that fit the disks.

import fc from 'fast-check';
import {
  type CryptParams,
  crypt,
  type IntegrityParams,
  integrity,
  type VerityParams,
  verity,
} from '../../../../src/dm/targets/index.ts';
import { SecretKey } from '../../../../src/index.ts';
import { anyCrypt } from '../../../support/arbitraries/targets/crypt.ts';
import { anyHex } from '../../../support/arbitraries/targets/parts.ts';
import { anyVerity } from '../../../support/arbitraries/targets/verity.ts';
import {
  anyDevice,
  anyPowerOfTwo,
  anyRecord,
  set,
} from '../../../support/arbitraries/targets/words.ts';
import { known, type Sample, samples, times } from './sample.ts';

const keyOf = (bytes: number): fc.Arbitrary<SecretKey> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((key) => SecretKey.fromBytes(key));

const cipherAndKey = fc
  .constantFrom(
    ['aes-xts-plain64', 64],
    ['aes-xts-plain64', 32],
    ['aes-cbc-essiv:sha256', 32],
    ['capi:xts(aes)-plain64', 64],
    ['cipher_null-ecb', 0],
  )
  .chain(([cipher, bytes]) =>
    (bytes === 0 ? fc.constant(SecretKey.fromHex('-')) : keyOf(Number(bytes))).map((key) => ({
      cipher: String(cipher),
      key,
    })),
  );

const plainCrypt: fc.Arbitrary<CryptParams> = fc
  .tuple(
    cipherAndKey,
    anyRecord<
      Omit<CryptParams, 'extra' | 'integrity' | 'integrityKeySize' | 'cipher' | 'key'>,
      'ivOffset' | 'device' | 'offset'
    >(
      {
        ivOffset: times(8, 64),
        device: anyDevice,
        offset: times(8, 64),
        allowDiscards: set,
        sameCpuCrypt: set,
        highPriority: set,
        submitFromCryptCpus: set,
        noReadWorkqueue: set,
        noWriteWorkqueue: set,
        sectorSize: fc.constantFrom(512, 1024, 2048, 4096),
        ivLargeSectors: set,
      },
      ['ivOffset', 'device', 'offset'],
    ),
  )
  .map(([cipher, params]) => known({ ...cipher, ...params }, ['highPriority']));

const hash = fc.oneof(
  fc.constantFrom({ algorithm: 'crc32c' }, { algorithm: 'sha256' }),
  keyOf(32).map((key) => ({ algorithm: 'hmac(sha256)', key })),
);

const plainIntegrity = anyRecord<
  Omit<IntegrityParams, 'extra' | 'tagSize' | 'journalCrypt' | 'journalMac' | 'allowDiscardsKeyed'>,
  'device' | 'reservedSectors' | 'mode' | 'internalHash'
>(
  {
    device: anyDevice,
    reservedSectors: fc.constantFrom(0n, 8n),
    mode: fc.constantFrom('J', 'B', 'D', 'R'),
    internalHash: hash,
    metaDevice: anyDevice,
    blockSize: fc.constantFrom(512, 1024, 2048, 4096),
    recalculate: set,
    resetRecalculate: set,
    allowDiscards: set,
    journalSectors: fc.integer({ min: 64, max: 2048 }),
    interleaveSectors: anyPowerOfTwo(8, 15).map(Number),
    bufferSectors: anyPowerOfTwo(3, 9).map(Number),
    journalWatermark: fc.nat(100),
    commitTime: fc.nat(10_000),
    sectorsPerBit: anyPowerOfTwo(8, 14),
    bitmapFlushInterval: fc.nat(10_000),
    fixPadding: set,
    fixHmac: set,
    legacyRecalculate: set,
  },
  ['device', 'reservedSectors', 'mode', 'internalHash'],
);

const block = fc.constantFrom(512, 1024, 4096);
const plainVerity: fc.Arbitrary<VerityParams> = anyRecord<
  Omit<VerityParams, 'extra' | 'rootHashSigKeyDesc'>,
  | 'version'
  | 'dataDevice'
  | 'hashDevice'
  | 'dataBlockSize'
  | 'hashBlockSize'
  | 'dataBlocks'
  | 'hashStart'
  | 'algorithm'
  | 'rootHash'
>(
  {
    version: fc.constantFrom(0, 1),
    dataDevice: anyDevice,
    hashDevice: anyDevice,
    dataBlockSize: block,
    hashBlockSize: block,
    dataBlocks: times(1, 512),
    hashStart: fc.nat(8).map(BigInt),
    algorithm: fc.constant('sha256'),
    rootHash: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((h) => Buffer.from(h).toString('hex')),
    salt: anyHex,
    onCorruption: fc.constantFrom('ignore', 'restart', 'panic'),
    onError: fc.constantFrom('restart', 'panic'),
    ignoreZeroBlocks: set,
    checkAtMostOnce: set,
    fec: fc.record(
      {
        device: anyDevice,
        blocks: times(64, 16),
        start: fc.nat(8).map(BigInt),
        roots: fc.integer({ min: 2, max: 24 }),
      },
      { noNullPrototype: true },
    ),
    tryVerifyInTasklet: set,
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
).map((params) => known(params, ['onError']));

/** Samples by the kernel's names. */
export const CHECKED: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  crypt: samples(crypt, plainCrypt, { wild: anyCrypt }),
  integrity: samples(integrity, plainIntegrity, { length: times(8, 128) }),
  verity: samples(verity, plainVerity, {
    length: ({ dataBlocks, dataBlockSize = 4096 }) =>
      fc.constant((BigInt(dataBlocks) * BigInt(dataBlockSize)) / 512n || 1n),
    readOnly: true,
    wild: anyVerity.map((params) => ({ ...params, dataBlocks: 8n })),
  }),
};
