import { type CryptParams, crypt } from '../../../../../src/dm/targets/security/crypt.ts';
import { SecretKey } from '../../../../../src/dm/text/secret-key.ts';
import { anyCrypt } from '../../../../support/arbitraries/targets/crypt.ts';
import { testKeysHidden } from '../../../../support/hidden-keys.ts';
import { testLaws, testRows } from '../../../../support/target-tests.ts';

const HEX = '00112233445566778899aabbccddeeff';
const params: CryptParams = {
  cipher: 'aes-xts-plain64',
  key: SecretKey.fromHex(HEX),
  ivOffset: 0n,
  device: '7:0',
  offset: 0n,
};
const everything: CryptParams = {
  ...params,
  allowDiscards: true,
  sameCpuCrypt: true,
  highPriority: true,
  submitFromCryptCpus: true,
  noReadWorkqueue: true,
  noWriteWorkqueue: true,
  integrity: { bytes: 28, mode: 'aead' },
  sectorSize: 4096,
  ivLargeSectors: true,
  integrityKeySize: 32,
};
const HEAD = `aes-xts-plain64 ${HEX} 0 7:0 0`;
const OPTIONS =
  'allow_discards same_cpu_crypt high_priority submit_from_crypt_cpus no_read_workqueue no_write_workqueue' +
  ' integrity:28:aead sector_size:4096 iv_large_sectors integrity_key_size:32';
const inKeyring = SecretKey.inKeyring({ size: 32, type: 'logon', description: 'cryptsetup:a-d0' });

testRows(crypt, {
  params: [
    [HEAD, params],
    [`${HEAD} 10 ${OPTIONS}`, everything],
    [
      `${HEAD} 2 allow_discards new_option`,
      { ...params, allowDiscards: true, extra: ['new_option'] },
    ],
    [
      'cipher_null-ecb - 8 /dev/sda 16',
      {
        cipher: 'cipher_null-ecb',
        key: SecretKey.fromHex('-'),
        ivOffset: 8n,
        device: '/dev/sda',
        offset: 16n,
      },
    ],
    [
      'aes-cbc-essiv:sha256 :32:logon:cryptsetup:a-d0 0 7:0 0',
      { ...params, cipher: 'aes-cbc-essiv:sha256', key: inKeyring },
    ],
    [
      `capi:gcm(aes)-random ${HEX} 0 7:0 0 1 integrity:28:none`,
      { ...params, cipher: 'capi:gcm(aes)-random', integrity: { bytes: 28, mode: 'none' } },
    ],
  ],
  read: [
    [`${HEAD} 0`, params],
    [
      `${HEAD} 3 ALLOW_DISCARDS Sector_Size:512 Integrity:16:AEAD`,
      { ...params, allowDiscards: true, sectorSize: 512, integrity: { bytes: 16, mode: 'aead' } },
    ],
    [`aes-xts-plain64 ${HEX.toUpperCase()} 0 7:0 0`, params],
  ],
  written: [
    [{ cipher: 'aes-xts-plain64', key: params.key, device: '7:0' }, HEAD],
    [{ ...params, allowDiscards: false, extra: [] }, HEAD],
  ],
  noParams: [
    ['', 'crypt, cipher (word 1): expected a word'],
    [`aes-xts-plain64 ${HEX}`, 'crypt, IV offset (word 3): expected a word'],
    [
      `aes-xts-plain64 ${HEX}0 0 7:0 0`,
      'crypt, key (word 2): expected hexadecimal digits, "-" or :SIZE:TYPE:DESCRIPTION',
    ],
    ['aes-xts-plain64 :32:secret:x 0 7:0 0', 'crypt, key (word 2): expected'],
    ['aes-xts-plain64 :0:user:x 0 7:0 0', 'crypt, key (word 2): expected'],
    [
      `aes-xts-plain64 ${HEX} -1 7:0 0`,
      'crypt, IV offset (word 3): expected an unsigned 64-bit decimal number',
    ],
    [`${HEAD} 2 allow_discards`, 'crypt, option count (word 6): expected'],
    [`${HEAD} 1 integrity:aead`, 'crypt, integrity (word 7): expected BYTES:MODE'],
    [`${HEAD} 1 integrity_key_size:x`, 'crypt, integrity_key_size (word 7): expected an integer'],
  ],
  notWritten: [
    [{ ...params, cipher: 'aes xts' }, 'crypt.cipher: expected one word'],
    [{ ...params, key: HEX as never }, 'crypt.key: expected a SecretKey'],
    [{ ...params, ivOffset: -1n }, 'crypt.ivOffset: expected'],
    [{ ...params, device: HEX }, 'crypt.device: expected a path'],
    // Such a character marks the place of a key in a text.
    [{ ...params, device: '/dev/\u{1}' }, 'params: expected words without control characters'],
    [{ ...params, offset: 0.5 }, 'crypt.offset: expected'],
    [
      { ...params, sectorSize: 8192 },
      'crypt.sectorSize: expected 512 or 1024 or 2048 or 4096, got 8192',
    ],
    [
      { ...params, integrity: { bytes: 481, mode: 'none' } },
      'crypt.integrity.bytes: expected an integer from 1 to 480, got 481',
    ],
    [
      { ...params, integrity: { bytes: 4, mode: 'hmac' as never } },
      'crypt.integrity.mode: expected aead or none',
    ],
    [
      { ...params, integrityKeySize: 0 },
      'crypt.integrityKeySize: expected an integer from 1 to 480, got 0',
    ],
    [{ ...params, allowDiscards: 'yes' as never }, 'crypt.allowDiscards: expected a boolean'],
    [{ ...params, extra: ['two words'] }, 'crypt.extra[0]: expected one word'],
  ],
  status: [['', undefined]],
  messages: [
    [() => crypt.messages.keySet(params.key), `key set ${HEX}`],
    [() => crypt.messages.keySet(inKeyring), 'key set :32:logon:cryptsetup:a-d0'],
    [() => crypt.messages.keyWipe(), 'key wipe'],
  ],
  notSent: [[() => crypt.messages.keySet(HEX as never), 'key: expected a SecretKey']],
});

testLaws(crypt, anyCrypt);
testKeysHidden(crypt, anyCrypt);
