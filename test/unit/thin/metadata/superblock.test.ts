import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { InputError } from '../../../../src/ioctl/input/input-error.ts';
import { crc32c } from '../../../../src/thin/metadata/crc32c.ts';
import {
  inspectMetadata,
  readMetadata,
  type Superblock,
} from '../../../../src/thin/metadata/superblock.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { restoredSuperblock, signed } from '../../../support/thin/metadata-block.ts';

const RESTORED: Superblock = {
  transactionId: 5n,
  blockSize: 128n,
  dataBlocks: 1000n,
  dataBlocksUsed: 12n,
  metadataBlocks: 1024n,
  metadataBlocksUsed: 12n,
  needsCheck: false,
  heldRoot: undefined,
  version: 2,
  time: 3,
};

/** The captured block with changes and a valid checksum. */
function changed(change: (block: Buffer) => void): Buffer {
  const block = restoredSuperblock();
  change(block);
  return signed(block);
}

const POOLS: readonly (readonly [string, (block: Buffer) => void, Partial<Superblock>])[] = [
  ['as thin_restore wrote it', () => {}, {}],
  ['that needs a check', (b) => b.writeUInt32LE(1, 4), { needsCheck: true }],
  ['with other flags', (b) => b.writeUInt32LE(0xfffffffe, 4), { needsCheck: false }],
  ['with a metadata snapshot', (b) => b.writeBigUInt64LE(17n, 56), { heldRoot: 17n }],
  [
    'of a large transaction id',
    (b) => b.writeBigUInt64LE(2n ** 64n - 1n, 48),
    { transactionId: 2n ** 64n - 1n },
  ],
  ['of version 1', (b) => b.writeUInt32LE(1, 40), { version: 1 }],
  ['of the largest blocks', (b) => b.writeUInt32LE(2_097_152, 336), { blockSize: 2_097_152n }],
  // A resize updates the root of the space map, but not the number at 344.
  ['whose metadata has grown', (b) => b.writeBigUInt64LE(4096n, 192), { metadataBlocks: 4096n }],
  ['whose metadata was counted once', (b) => b.writeBigUInt64LE(9n, 344), {}],
];

for (const [title, change, expected] of POOLS) {
  test(`a pool ${title}`, (t) => {
    t.deepEqual(inspectMetadata(changed(change)), {
      state: 'pool',
      superblock: { ...RESTORED, ...expected },
    });
  });
}

const CORRUPT: readonly (readonly [why: string, (block: Buffer) => void])[] = [
  ['block number 1, expected 0', (b) => b.writeBigUInt64LE(1n, 8)],
  ['version 3, expected 1 or 2', (b) => b.writeUInt32LE(3, 40)],
  ['version 0, expected 1 or 2', (b) => b.writeUInt32LE(0, 40)],
  ['incompatible features 0x00000010', (b) => b.writeUInt32LE(16, 360)],
  ...[0, 64, 129, 2_097_280].map(
    (size) =>
      [
        `data blocks of ${size} sectors, expected a multiple of 128 up to 2097152`,
        (b: Buffer) => b.writeUInt32LE(size, 336),
      ] as const,
  ),
  ['metadata blocks of 16 sectors, expected 8', (b) => b.writeUInt32LE(16, 340)],
];

for (const [why, change] of CORRUPT) {
  test(`a superblock with ${why}`, (t) => {
    t.deepEqual(inspectMetadata(changed(change)), { state: 'corrupt', why });
  });
}

test('a wrong checksum', (t) => {
  const block = restoredSuperblock();
  block.writeUInt32LE(0xabc, 0);
  t.deepEqual(inspectMetadata(block), {
    state: 'corrupt',
    why: 'checksum 0x00000abc, expected 0x612697fc',
  });
});

test('a flipped bit is detected at any position', (t) => {
  const outsideMagic = fc.integer({ min: 0, max: 4095 }).filter((at) => at < 32 || at >= 40);
  fc.assert(
    fc.property(outsideMagic, fc.nat(7), (at, bit) => {
      const block = restoredSuperblock();
      block[at]! ^= 1 << bit;
      t.is(inspectMetadata(block).state, 'corrupt');
    }),
    { numRuns: 500 },
  );
});

test('a torn write is detected', (t) => {
  const next = changed((b) => b.writeBigUInt64LE(6n, 48));
  const torn = Buffer.concat([next.subarray(0, 512), Buffer.alloc(3584, 1)]);
  t.is(inspectMetadata(torn).state, 'corrupt');
});

const blankThen = (text: string, at: number): Buffer => {
  const head = Buffer.alloc(131_072);
  head.write(text, at, 'latin1');
  return head;
};

test('a blank first block is not a superblock', (t) => {
  t.deepEqual(inspectMetadata(Buffer.alloc(4096)), { state: 'unformatted' });
  t.deepEqual(inspectMetadata(blankThen('leftovers', 4096)), { state: 'unformatted' });
});

for (const [text, at, what] of [
  ['x', 4095, undefined],
  ['XFSB', 0, 'xfs filesystem'],
  ['\xba\x52\x9c\x01\x01', 32, undefined],
  ['_BHRfS_M', 65_600, 'btrfs filesystem'],
] as const) {
  test(`${JSON.stringify(text)} at ${at} is not a superblock`, (t) => {
    t.deepEqual(inspectMetadata(blankThen(text, at)), { state: 'foreign', what });
  });
}

test('less than a block is rejected', async (t) => {
  const message = 'head: expected at least 4096 bytes, got 4095';
  t.throws(() => inspectMetadata(Buffer.alloc(4095)), { instanceOf: InputError, message });
  const path = join(tempDir(t), 'short');
  writeFileSync(path, 'short');
  await t.throwsAsync(readMetadata(path), {
    code: 'ERR_POOL_METADATA',
    message: `thin pool '${path}': expected at least 4096 bytes of metadata, got 5`,
  });
});

test('metadata is read from a file', async (t) => {
  const path = join(tempDir(t), 'metadata');
  writeFileSync(path, Buffer.concat([restoredSuperblock(), Buffer.alloc(200_000, 1)]));
  t.deepEqual(await readMetadata(path), { state: 'pool', superblock: RESTORED });
  await t.throwsAsync(readMetadata(join(path, 'nothing')), { code: 'ENOTDIR' });
});

test('the checksum covers all bytes after it, without inversion', (t) => {
  const block = restoredSuperblock();
  t.is((crc32c(block.subarray(4)) ^ 160774) >>> 0, block.readUInt32LE(0));
});
