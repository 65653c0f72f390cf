import { inspect } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import {
  blocks,
  blocksToSectors,
  bytes,
  bytesToSectors,
  sectors,
  sectorsToBlocks,
  sectorsToBytes,
} from '../../../../src/dm/text/units.ts';

const UNITS = { bytes, sectors, blocks };

for (const [unit, make] of Object.entries(UNITS)) {
  for (const [value, whole] of [
    [0, 0n],
    [-0, 0n],
    [0n, 0n],
    [2 ** 53 - 1, 2n ** 53n - 1n],
    [2n ** 64n, 2n ** 64n],
  ] as const) {
    test(`${unit}(${inspect(value)}) is ${whole}`, (t) => t.is(make(value), whole));
  }

  const none: readonly (readonly [unknown, string])[] = [
    [-1, '-1'],
    [-1n, '-1n'],
    [0.5, '0.5'],
    [2 ** 53, '9007199254740992'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    ['8', '"8"'],
    [null, 'null'],
    [undefined, 'undefined'],
  ];
  for (const [value, shown] of none) {
    test(`${unit} rejects the ${typeof value} ${shown}`, (t) => {
      t.throws(() => make(value as number, 'x.start'), {
        code: 'ERR_DMTS_INPUT',
        message: `x.start: expected ${unit} as a bigint or a safe integer, not negative, got ${shown}`,
      });
    });
  }

  test(`the default field of ${unit} is its name`, (t) => {
    t.throws(() => make(-1), { message: new RegExp(`^${unit}: expected ${unit} as`) });
  });
}

const refused: readonly (readonly [what: string, convert: () => unknown, message: string])[] = [
  [
    'a fraction of a sector',
    () => bytesToSectors(768n, 'disk.size'),
    'disk.size: expected a whole number of sectors, a multiple of 512 bytes, got 768n',
  ],
  [
    'one byte less than a sector',
    () => bytesToSectors(511),
    'bytes: expected a whole number of sectors, a multiple of 512 bytes, got 511',
  ],
  [
    'negative bytes',
    () => bytesToSectors(-512n),
    'bytes: expected bytes as a bigint or a safe integer, not negative, got -512n',
  ],
  [
    'an unsafe number of sectors',
    () => sectorsToBytes(2 ** 53),
    'sectors: expected sectors as a bigint or a safe integer, not negative, got 9007199254740992',
  ],
  [
    'a fraction of a block',
    () => sectorsToBlocks(192n, 128n, 'length'),
    'length: expected a whole number of blocks, a multiple of 128 sectors, got 192n',
  ],
  [
    'a block size of 0, to blocks',
    () => sectorsToBlocks(0n, 0n),
    'blockSize: expected at least 1 sector, got 0n',
  ],
  [
    'a block size of 0, to sectors',
    () => blocksToSectors(1n, 0),
    'blockSize: expected at least 1 sector, got 0',
  ],
  [
    'a fraction as a number of blocks',
    () => blocksToSectors(0.5, 128, 'used'),
    'used: expected blocks as a bigint or a safe integer, not negative, got 0.5',
  ],
];
for (const [what, convert, message] of refused) {
  test(`rejected: ${what}`, (t) => {
    t.throws(convert, { code: 'ERR_DMTS_INPUT', message });
  });
}

test('sectors have 512 bytes, and blocks the given number of sectors', (t) => {
  t.is(sectorsToBytes(2048), 2n ** 20n);
  t.is(bytesToSectors(2 ** 20), 2048n);
  t.is(blocksToSectors(84n, 128n), 10_752n);
  t.is(sectorsToBlocks(10_752n, 128), 84n);
});

/** Counts up to the size of any device and beyond the safe integers. */
const many = fc.bigInt(0n, 2n ** 70n);
const size = fc.bigInt(1n, 2n ** 32n);

test('conversions of any count are exact in both directions', (t) => {
  fc.assert(
    fc.property(many, size, (count, blockSize) => {
      t.is(bytesToSectors(sectorsToBytes(count)), count);
      t.is(sectorsToBlocks(blocksToSectors(count, blockSize), blockSize), count);
    }),
  );
});

test('conversions never round: the result is exact, or the input is rejected', (t) => {
  fc.assert(
    fc.property(many, fc.bigInt(1n, 1024n), (count, blockSize) => {
      if (count % 512n === 0n) t.is(bytesToSectors(count) * 512n, count);
      else t.throws(() => bytesToSectors(count), { code: 'ERR_DMTS_INPUT' });
      if (count % blockSize === 0n) t.is(sectorsToBlocks(count, blockSize) * blockSize, count);
      else t.throws(() => sectorsToBlocks(count, blockSize), { code: 'ERR_DMTS_INPUT' });
    }),
  );
});

test('a number and an equal bigint convert to the same result', (t) => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 0xffffffff }), (count, blockSize) => {
      t.is(sectorsToBytes(count), sectorsToBytes(BigInt(count)));
      t.is(blocksToSectors(count, blockSize), blocksToSectors(BigInt(count), BigInt(blockSize)));
    }),
  );
});
