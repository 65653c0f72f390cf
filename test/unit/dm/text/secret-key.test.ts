import { inspect } from 'node:util';
import test from 'ava';
import { SecretKey } from '../../../../src/dm/text/secret-key.ts';
import { InputError } from '../../../../src/dm/wire/errors.ts';

const HEX = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const logon = { size: 32, type: 'logon', description: 'my:key' } as const;

const KEYS: readonly (readonly [
  name: string,
  key: SecretKey,
  shown: string,
  word: string,
  size: number,
])[] = [
  ['hexadecimal', SecretKey.fromHex(HEX), '[key of 32 bytes]', HEX, 32],
  ['uppercase hexadecimal', SecretKey.fromHex(HEX.toUpperCase()), '[key of 32 bytes]', HEX, 32],
  ['bytes', SecretKey.fromBytes(Buffer.from(HEX, 'hex')), '[key of 32 bytes]', HEX, 32],
  ['none', SecretKey.fromHex('-'), '[key of 0 bytes]', '-', 0],
  [
    'keyring',
    SecretKey.inKeyring(logon),
    '[key of 32 bytes in the logon keyring]',
    ':32:logon:my:key',
    32,
  ],
];

for (const [name, key, shown, word, size] of KEYS) {
  test(`printing a key (${name}) shows its size, and only reveal returns the key`, (t) => {
    t.is(String(key), shown);
    t.is(`${key}`, shown);
    t.is(inspect(key), shown);
    t.is(inspect({ key }, { showHidden: true }), `{ key: ${shown} }`);
    t.is(JSON.stringify({ key }), JSON.stringify({ key: shown }));
    t.deepEqual(Object.keys(key), []);
    t.is(key.size, size);
    t.is(key.reveal(), word);
    t.true(SecretKey.fromWord(word).equals(key));
  });
}

test('the property keyring of a key in a keyring has its reference', (t) => {
  t.deepEqual(SecretKey.inKeyring(logon).keyring, logon);
  t.is(SecretKey.fromHex(HEX).keyring, undefined);
});

test('equals compares the bytes or the reference', (t) => {
  t.true(SecretKey.fromHex('ab').equals(SecretKey.fromBytes(Uint8Array.of(0xab))));
  t.false(SecretKey.fromHex('ab').equals(SecretKey.fromHex('ac')));
  t.false(SecretKey.fromHex('ab').equals(SecretKey.inKeyring({ ...logon, size: 1 })));
});

test('writeHex and wipe have no effect on a key in a keyring', (t) => {
  const key = SecretKey.inKeyring({ ...logon, size: 1 });
  const target = Buffer.alloc(4);
  t.is(key.writeHex(target, 0), 0);
  key.wipe();
  t.deepEqual(target, Buffer.alloc(4));
  t.is(key.size, 1);
});

test('fromBytes copies the bytes, and wipe overwrites the copy', (t) => {
  const bytes = Buffer.from(HEX, 'hex');
  const key = SecretKey.fromBytes(bytes);
  bytes.fill(0);
  t.is(key.reveal(), HEX);
  key.wipe();
  t.is(key.reveal(), '0'.repeat(64));
});

const REFUSED: readonly (readonly [make: () => SecretKey, message: string])[] = [
  [() => SecretKey.fromHex(''), 'key: expected hexadecimal digits, two per byte, or "-"'],
  [() => SecretKey.fromHex('abc'), 'key: expected hexadecimal digits, two per byte, or "-"'],
  [() => SecretKey.fromHex('0x12'), 'key: expected hexadecimal digits, two per byte, or "-"'],
  [() => SecretKey.fromBytes(HEX as never), 'key: expected a Buffer of 0 to 65535 bytes'],
  [() => SecretKey.fromBytes(new Uint8Array(65_536)), 'key: expected a Buffer of 0 to 65535 bytes'],
  [
    () => SecretKey.inKeyring({ ...logon, size: 0 }),
    'key.size: expected an integer from 1 to 65535',
  ],
  [
    () => SecretKey.inKeyring({ ...logon, type: 'big_key' as never }),
    'key.type: expected logon or user or encrypted or trusted',
  ],
  [
    () => SecretKey.inKeyring({ ...logon, description: 'a b' }),
    'key.description: expected printable ASCII without blanks',
  ],
  [() => SecretKey.fromWord(':32:logon'), 'key.size: expected an integer from 1 to 65535'],
];

for (const [i, [make, message]] of REFUSED.entries()) {
  test(`rejected ${i}: ${message}`, (t) => {
    t.throws(make, { code: 'ERR_DMTS_INPUT', message });
  });
}

test('a program in JavaScript cannot create a key with the constructor', (t) => {
  const Constructor = SecretKey as unknown as new (bytes?: unknown) => SecretKey;
  for (const bytes of [undefined, {}, HEX, Buffer.alloc(0).toString()]) {
    t.throws(() => new Constructor(bytes), {
      instanceOf: InputError,
      message: 'key: expected a key of SecretKey.fromBytes, fromHex or inKeyring',
    });
  }
});
