import test from 'ava';
import { hideKeys, hideMessageKey } from '../../../../src/dm/text/secrets.ts';

const KEY = '00112233445566778899aabbccddeeff';
const ZEROS = '0'.repeat(32);

const PARAMS: readonly (readonly [type: string, params: string, shown: string])[] = [
  ['crypt', `aes-xts-plain64 ${KEY} 0 7:0 0`, `aes-xts-plain64 ${ZEROS} 0 7:0 0`],
  ['crypt', `aes-xts-plain64 ${KEY}`, `aes-xts-plain64 ${ZEROS}`],
  ['crypt', 'aes-xts-plain64', 'aes-xts-plain64'],
  ['crypt', 'cipher_null-ecb - 0 7:0 0', 'cipher_null-ecb - 0 7:0 0'],
  ['crypt', 'aes :32:logon:my:key 0 7:0 0', 'aes :32:logon:my:key 0 7:0 0'],
  ['crypt', '', ''],
  // Regression test: with other blanks than one space the key was shown. The kernel splits at each of them.
  ['crypt', `aes  ${KEY} 0 7:0 0`, `aes  ${ZEROS} 0 7:0 0`],
  ['crypt', ` aes ${KEY} 0 7:0 0`, ` aes ${ZEROS} 0 7:0 0`],
  ['crypt', `aes\t${KEY}\t0 7:0 0`, `aes\t${ZEROS}\t0 7:0 0`],
  ['inlinecrypt', `aes-xts-plain64 ${KEY} 0 7:0 0`, `aes-xts-plain64 ${ZEROS} 0 7:0 0`],
  [
    'integrity',
    `7:0 0 32 J 1 internal_hash:hmac(sha256):${KEY}`,
    `7:0 0 32 J 1 internal_hash:hmac(sha256):${ZEROS}`,
  ],
  [
    'integrity',
    `7:0 0 32 J 3 internal_hash:crc32c journal_crypt:ctr(aes):${KEY} journal_mac:hmac(sha256):${KEY}`,
    `7:0 0 32 J 3 internal_hash:crc32c journal_crypt:ctr(aes):${ZEROS} journal_mac:hmac(sha256):${ZEROS}`,
  ],
  ['integrity', '7:0 0 32 J 1 internal_hash:crc32c', '7:0 0 32 J 1 internal_hash:crc32c'],
  ['linear', `7:0 ${KEY}`, `7:0 ${KEY}`],
];

for (const [type, params, shown] of PARAMS) {
  test(`hideKeys: ${type} ${JSON.stringify(params)}`, (t) => {
    const line = { start: 0n, length: 8n, type, params };
    t.deepEqual(hideKeys(line), { ...line, params: shown });
    t.is(line.params, params);
  });
}

const MESSAGES = [
  [`key set ${KEY}`, `key set ${ZEROS}`],
  [`KEY Set ${KEY}`, `KEY Set ${ZEROS}`],
  [` key\tset  ${KEY} `, ` key\tset  ${ZEROS} `],
  ['key set :32:logon:name', 'key set :32:logon:name'],
  ['key set -', 'key set -'],
  ['key set', 'key set'],
  ['key wipe', 'key wipe'],
  ['create_thin 0', 'create_thin 0'],
] as const;

for (const [text, shown] of MESSAGES) {
  test(`hideMessageKey: ${JSON.stringify(text)}`, (t) => t.is(hideMessageKey(text), shown));
}
