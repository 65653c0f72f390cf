import test from 'ava';
import fc from 'fast-check';
import { crc32c } from '../../../../src/thin/metadata/crc32c.ts';

/** Published values; those of 32 bytes are from RFC 3720, B.4. */
const VECTORS: readonly (readonly [string, Uint8Array, number])[] = [
  ['nothing', new Uint8Array(), 0x00000000],
  ['a', Buffer.from('a'), 0xc1d04330],
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['32 bytes of 0', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of 0xff', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
];

for (const [title, bytes, published] of VECTORS) {
  test(`the CRC-32C of ${title} is 0x${published.toString(16)}`, (t) => {
    t.is(~crc32c(bytes) >>> 0, published);
  });
}

test('the result of one part is the seed of the next', (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      t.is(crc32c(b, crc32c(a)), crc32c(Buffer.concat([a, b])));
    }),
  );
});

test('a seed of 0 is not replaced by the default', (t) => {
  t.is(crc32c(Buffer.alloc(100), 0), 0);
});

test('every single bit changes the result', (t) => {
  const bytes = Buffer.alloc(64, 0x5a);
  const sums = new Set([crc32c(bytes)]);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    sums.add(crc32c(flipped));
  }
  t.is(sums.size, 1 + 8 * bytes.length);
});
