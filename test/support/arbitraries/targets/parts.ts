// Words, keys and hexadecimal digits for targets.

import fc from 'fast-check';
import { SecretKey } from '../../../../src/dm/text/secret-key.ts';

/** Any word. */
export const anyWord: fc.Arbitrary<string> = fc.stringMatching(/^[!-~]{1,8}$/);

/** A name like that of a module or an algorithm. */
export const anyName: fc.Arbitrary<string> = fc.stringMatching(/^[a-z][a-z0-9_()-]{0,9}$/);

/** Hexadecimal digits, two per byte. */
export const anyHex: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 1, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));

/** A key with bytes, long enough that no part of it is in a text by chance. */
export const plainKey: fc.Arbitrary<SecretKey> = fc
  .uint8Array({ minLength: 8, maxLength: 64 })
  .map((bytes) => SecretKey.fromBytes(bytes));

/** Any key. */
export const anyKey: fc.Arbitrary<SecretKey> = fc.oneof(
  { weight: 3, arbitrary: plainKey },
  { weight: 1, arbitrary: fc.constant(SecretKey.fromHex('-')) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        size: fc.integer({ min: 1, max: 65_535 }),
        type: fc.constantFrom('logon', 'user', 'encrypted', 'trusted'),
        description: fc.stringMatching(/^[a-z0-9:._-]{1,12}$/),
      })
      .map((key) => SecretKey.inKeyring(key)),
  },
);
