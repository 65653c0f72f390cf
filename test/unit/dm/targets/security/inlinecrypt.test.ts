import {
  type InlinecryptParams,
  inlinecrypt,
} from '../../../../../src/dm/targets/security/inlinecrypt.ts';
import { SecretKey } from '../../../../../src/dm/text/secret-key.ts';
import { anyInlinecrypt } from '../../../../support/arbitraries/targets/inlinecrypt.ts';
import { testKeysHidden } from '../../../../support/hidden-keys.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const HEX = 'ab'.repeat(64);
const params: InlinecryptParams = {
  cipher: 'aes-xts-plain64',
  key: SecretKey.fromHex(HEX),
  ivOffset: 8n,
  device: '7:0',
  offset: 16n,
};

testRows(inlinecrypt, {
  params: [
    [`aes-xts-plain64 ${HEX} 8 7:0 16`, params],
    [
      `aes-xts-plain64 ${HEX} 8 7:0 16 5 keytype:hw-wrapped allow_discards sector_size:4096 iv_large_sectors new`,
      {
        ...params,
        keyType: 'hw-wrapped',
        allowDiscards: true,
        sectorSize: 4096,
        ivLargeSectors: true,
        extra: ['new'],
      },
    ],
    [
      'aes-xts-plain64 :64:logon:disk:1 8 7:0 16',
      { ...params, key: SecretKey.inKeyring({ size: 64, type: 'logon', description: 'disk:1' }) },
    ],
  ],
  read: [
    // As the kernel reports it, with the key type as a number in the middle.
    [`aes-xts-plain64 ${HEX} 1 8 7:0 16`, { ...params, keyType: 'raw' }],
    [
      `aes-xts-plain64 ${HEX} 2 8 7:0 16 3 allow_discards sector_size:4096 iv_large_sectors`,
      {
        ...params,
        keyType: 'hw-wrapped',
        allowDiscards: true,
        sectorSize: 4096,
        ivLargeSectors: true,
      },
    ],
    // The options are case-sensitive.
    [`aes-xts-plain64 ${HEX} 8 7:0 16 1 ALLOW_DISCARDS`, { ...params, extra: ['ALLOW_DISCARDS'] }],
  ],
  written: [[{ key: params.key, device: '/dev/sda' }, `aes-xts-plain64 ${HEX} 0 /dev/sda 0`]],
  noParams: [
    [`aes-xts-plain64 ${HEX} 8`, 'inlinecrypt, device (word 4): expected a word'],
    [`aes-xts-plain64 x${HEX} 8 7:0 16`, 'inlinecrypt, key (word 2): expected'],
  ],
  notWritten: [
    [
      { ...params, sectorSize: 4096 },
      'inlinecrypt.ivLargeSectors: expected true with a sectorSize of 4096, got false',
    ],
    [{ ...params, keyType: 'wrapped' as never }, 'inlinecrypt.keyType: expected raw or hw-wrapped'],
    [{ ...params, key: Buffer.alloc(64) as never }, 'inlinecrypt.key: expected a SecretKey'],
  ],
  status: [['', undefined]],
});

testLaws(inlinecrypt, anyInlinecrypt);
testKeysHidden(inlinecrypt, anyInlinecrypt);
