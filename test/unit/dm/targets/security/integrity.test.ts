import {
  type IntegrityParams,
  integrity,
} from '../../../../../src/dm/targets/security/integrity.ts';
import { SecretKey } from '../../../../../src/dm/text/secret-key.ts';
import { anyIntegrity } from '../../../../support/arbitraries/targets/integrity.ts';
import { testKeysHidden } from '../../../../support/hidden-keys.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const HEX = '0123456789abcdef0123456789abcdef';
const key = SecretKey.fromHex(HEX);
const crc32c = { algorithm: 'crc32c' };
const params: IntegrityParams = {
  device: '7:2',
  reservedSectors: 0n,
  tagSize: 4,
  mode: 'J',
  internalHash: crc32c,
};

testRows(integrity, {
  params: [
    // Captured: Linux 6.12.
    [
      '7:2 0 4 J 6 journal_sectors:880 interleave_sectors:32768 buffer_sectors:128 journal_watermark:50 commit_time:10000 internal_hash:crc32c',
      {
        ...params,
        journalSectors: 880,
        interleaveSectors: 32_768,
        bufferSectors: 128,
        journalWatermark: 50,
        commitTime: 10_000,
      },
    ],
    // Captured: Linux 7.3.
    [
      '7:2 0 4 B 6 block_size:4096 interleave_sectors:32768 buffer_sectors:128 sectors_per_bit:32768 bitmap_flush_interval:10000 internal_hash:crc32c',
      {
        ...params,
        mode: 'B',
        blockSize: 4096,
        interleaveSectors: 32_768,
        bufferSectors: 128,
        sectorsPerBit: 32_768n,
        bitmapFlushInterval: 10_000,
      },
    ],
    ['7:2 8 28 D 0', { device: '7:2', reservedSectors: 8n, tagSize: 28, mode: 'D' }],
    [
      '7:2 0 - R 1 internal_hash:crc32c',
      { device: '7:2', reservedSectors: 0n, mode: 'R', internalHash: crc32c },
    ],
    [
      `7:2 0 - J 9 meta_device:7:3 recalculate reset_recalculate allow_discards fix_padding fix_hmac legacy_recalculate internal_hash:hmac(sha256):${HEX} new:1`,
      {
        device: '7:2',
        reservedSectors: 0n,
        mode: 'J',
        metaDevice: '7:3',
        recalculate: true,
        resetRecalculate: true,
        allowDiscards: true,
        fixPadding: true,
        fixHmac: true,
        legacyRecalculate: true,
        internalHash: { algorithm: 'hmac(sha256)', key },
        extra: ['new:1'],
      },
    ],
    [
      `7:2 0 4 J 4 allow_discards_keyed internal_hash:crc32c journal_crypt:ctr(aes):${HEX} journal_mac:hmac(sha256):${HEX}`,
      {
        ...params,
        allowDiscardsKeyed: true,
        journalCrypt: { algorithm: 'ctr(aes)', key },
        journalMac: { algorithm: 'hmac(sha256)', key },
      },
    ],
    ['7:2 0 4 I 1 internal_hash:crc32c', { ...params, mode: 'I' }],
  ],
  read: [
    // Captured: Linux 7.3 prints the size of the journal after that of the buffers.
    [
      '7:2 0 4 J 6 interleave_sectors:32768 buffer_sectors:128 journal_sectors:880 journal_watermark:50 commit_time:10000 internal_hash:crc32c',
      {
        ...params,
        journalSectors: 880,
        interleaveSectors: 32_768,
        bufferSectors: 128,
        journalWatermark: 50,
        commitTime: 10_000,
      },
    ],
  ],
  written: [
    [
      { device: '/dev/sda', mode: 'J', internalHash: crc32c },
      '/dev/sda 0 - J 1 internal_hash:crc32c',
    ],
  ],
  noParams: [
    ['7:2 0 4', 'integrity, mode (word 4): expected a word'],
    ['7:2 0 x J 0', 'integrity, tag size (word 3): expected an unsigned 64-bit decimal number'],
    ['7:2 0 4 J 2 recalculate', 'integrity, option count (word 5): expected'],
    [
      '7:2 0 4 J 1 internal_hash:hmac(sha256):-',
      'integrity, internal_hash (word 6): expected ALGORITHM or ALGORITHM:KEY',
    ],
    [
      `7:2 0 4 J 1 internal_hash:a:${HEX}:b`,
      'integrity, internal_hash (word 6): expected ALGORITHM or ALGORITHM:KEY',
    ],
    [
      `7:2 0 4 J 1 journal_mac::${HEX}`,
      'integrity, journal_mac (word 6): expected ALGORITHM or ALGORITHM:KEY',
    ],
    [
      '7:2 0 4 J 1 internal_hash:a:abc',
      'integrity, internal_hash (word 6): expected ALGORITHM or ALGORITHM:KEY',
    ],
  ],
  notWritten: [
    [{ ...params, mode: 'X' as never }, 'integrity.mode: expected J or B or D or R or I'],
    [
      { device: '7:2', mode: 'J' },
      'integrity.internalHash: expected an internal hash for the default tag size',
    ],
    [
      { device: '7:2', mode: 'B', tagSize: 4 },
      'integrity.internalHash: expected an internal hash for mode B',
    ],
    [
      { device: '7:2', mode: 'J', tagSize: 4, allowDiscards: true },
      'integrity.internalHash: expected an internal hash for discards',
    ],
    [
      { ...params, mode: 'I', metaDevice: '7:3' },
      'integrity.metaDevice: expected no value in mode I',
    ],
    [
      { ...params, mode: 'I', allowDiscards: true },
      'integrity.allowDiscards: expected no value in mode I',
    ],
    [
      { ...params, mode: 'I', journalMac: crc32c },
      'integrity.journalMac: expected no value in mode I',
    ],
    [
      { ...params, journalWatermark: 101 },
      'integrity.journalWatermark: expected an integer from 0 to 100, got 101',
    ],
    [
      { ...params, internalHash: { algorithm: 'a:b' } },
      'integrity.internalHash.algorithm: expected a name without ":" and blanks',
    ],
    [
      { ...params, journalMac: { algorithm: 'a', key: HEX as never } },
      'integrity.journalMac.key: expected a SecretKey',
    ],
    [
      { ...params, journalMac: { algorithm: 'a', key: SecretKey.fromHex('-') } },
      'integrity.journalMac.key: expected the bytes of a key',
    ],
    [
      {
        ...params,
        journalMac: {
          algorithm: 'a',
          key: SecretKey.inKeyring({ size: 8, type: 'user', description: 'x' }),
        },
      },
      'integrity.journalMac.key: expected the bytes of a key',
    ],
  ],
  status: [
    [
      '0 129160 -',
      { mismatches: 0n, providedDataSectors: 129_160n, recalcSector: undefined, extra: [] },
    ],
    [
      '3 129160 4096',
      { mismatches: 3n, providedDataSectors: 129_160n, recalcSector: 4096n, extra: [] },
    ],
    [
      '18446744073709551615 9007199254740993 18446744073709551615',
      {
        mismatches: 2n ** 64n - 1n,
        providedDataSectors: 9_007_199_254_740_993n,
        recalcSector: 2n ** 64n - 1n,
        extra: [],
      },
    ],
    ['0 8', { mismatches: 0n, providedDataSectors: 8n, recalcSector: undefined, extra: [] }],
    [
      '0 8 - 7 new',
      { mismatches: 0n, providedDataSectors: 8n, recalcSector: undefined, extra: ['7', 'new'] },
    ],
  ],
  noStatus: [
    ['', 'integrity status, mismatches (word 1): expected a word'],
    ['x 1 -', 'integrity status, mismatches (word 1): expected'],
    [
      '0 18446744073709551616 -',
      'integrity status, provided data sectors (word 2): expected an unsigned 64-bit',
    ],
    ['0 x -', 'integrity status, provided data sectors (word 2): expected an unsigned 64-bit'],
    ['0 1 x', 'integrity status, recalculated sector (word 3): expected'],
  ],
});

testLaws(integrity, anyIntegrity, ['0 129160 -', '3 129160 4096']);
testKeysHidden(integrity, anyIntegrity);
