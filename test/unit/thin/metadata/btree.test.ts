// Damaged metadata: flipped bits, and blocks with a right checksum that refer to others: an answer or an error, never a hang.

import test from 'ava';
import fc from 'fast-check';
import { isPoolError } from '../../../../src/thin/live/errors.ts';
import { differenceOf } from '../../../../src/thin/metadata/difference.ts';
import { usageOf } from '../../../../src/thin/metadata/usage.ts';
import { runs } from '../../../support/arbitraries/runs.ts';
import { thinDevices } from '../../../support/arbitraries/thin-devices.ts';
import { signed } from '../../../support/thin/metadata-block.ts';
import { treesIn } from '../../../support/thin/metadata-blocks.ts';
import { BLOCK, metadataImage, sealed } from '../../../support/thin/metadata-image.ts';
import { all } from '../../../support/thin/tool-output/documents.ts';

const SHAPE = { leaf: 16n, children: 3n };
const NODE_XOR = 121_107;
/** The offset of the number of metadata blocks in the superblock. */
const METADATA_BLOCKS = 192;
/** More blocks than a tree without cycles can take. */
const READS_MAX = 20_000;

/** Reads everything. @returns the error for damage, as a word */
async function readAll(image: Buffer): Promise<'read' | 'damaged'> {
  try {
    const { trees, reads } = await treesIn(image);
    const ids: number[] = [];
    for await (const { id } of usageOf(trees)) ids.push(id);
    for (const left of ids) {
      for (const right of ids) await all(differenceOf('tank', trees, left, right));
    }
    if (reads.length > READS_MAX) throw new Error(`${reads.length} blocks were read`);
    return 'read';
  } catch (error) {
    if (isPoolError(error, 'ERR_POOL_METADATA') || isPoolError(error, 'ERR_THIN_MISSING')) {
      return 'damaged';
    }
    throw error;
  }
}

test('a flipped bit in any block that is read is damage', async (t) => {
  await fc.assert(
    fc.asyncProperty(thinDevices, fc.nat(), fc.nat(BLOCK * 8 - 1), async (pool, which, bit) => {
      const image = metadataImage(pool.devices, SHAPE, pool);
      const { trees, reads } = await treesIn(image);
      await all(usageOf(trees));
      const block = Number(reads[which % reads.length]!);
      image[block * BLOCK + (bit >> 3)]! ^= 1 << (bit & 7);
      t.is(await readAll(image), 'damaged');
    }),
    runs(100),
  );
});

test('a node with any other content, and a right checksum', async (t) => {
  const numbers = fc.oneof(
    fc.nat(40),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.nat(2 ** 16),
  );
  await fc.assert(
    fc.asyncProperty(
      thinDevices,
      fc.nat(),
      fc.nat(BLOCK / 8 - 1),
      numbers,
      async (pool, which, word, value) => {
        const image = metadataImage(pool.devices, SHAPE, pool);
        const count = image.length / BLOCK;
        const block = count === 1 ? 0 : 1 + (which % (count - 1));
        const bytes = image.subarray(block * BLOCK, (block + 1) * BLOCK);
        bytes.writeBigUInt64LE(BigInt(value), word * 8);
        sealed(bytes, NODE_XOR);
        t.true(['read', 'damaged'].includes(await readAll(image)));
      },
    ),
    runs(300),
  );
});

test('a node whose child is any other node', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      thinDevices,
      fc.nat(),
      fc.nat(3),
      fc.nat(),
      async (pool, which, index, target) => {
        const image = metadataImage(pool.devices, SHAPE, pool);
        const count = image.length / BLOCK;
        const internal = Array.from({ length: count - 1 }, (_, i) => i + 1).filter(
          (block) => image.readUInt32LE(block * BLOCK + 4) === 1,
        );
        fc.pre(internal.length > 0);
        const bytes = image.subarray(internal[which % internal.length]! * BLOCK).subarray(0, BLOCK);
        const capacity = bytes.readUInt32LE(20);
        bytes.writeBigUInt64LE(BigInt(target % count), 32 + 8 * capacity + 8 * index);
        sealed(bytes, NODE_XOR);
        t.true(['read', 'damaged'].includes(await readAll(image)));
      },
    ),
    runs(300),
  );
});

test('a superblock with any other content, and a right checksum', async (t) => {
  const numbers = fc.oneof(fc.nat(40), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
  await fc.assert(
    fc.asyncProperty(thinDevices, fc.nat(50), numbers, async (pool, word, value) => {
      const image = metadataImage(pool.devices, SHAPE, pool);
      image.writeBigUInt64LE(BigInt(value), word * 8);
      signed(image.subarray(0, BLOCK));
      t.true(['read', 'damaged'].includes(await readAll(image)));
    }),
    runs(300),
  );
});

test('a node behind the metadata blocks that the superblock counts is damage', async (t) => {
  const mappings = new Map([[0n, 0n]]);
  const image = metadataImage(new Map([[1, mappings]]), SHAPE, { dataBlocks: 1 });
  t.is(await readAll(image), 'read');
  image.writeBigUInt64LE(1n, METADATA_BLOCKS);
  signed(image.subarray(0, BLOCK));
  t.is(await readAll(image), 'damaged');
});
