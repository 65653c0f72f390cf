// The thin devices in handwritten metadata blocks. For a real pool: test/kernel/cli/pool.test.ts.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { whileUnchanged } from '../../../../src/thin/metadata/committed.ts';
import { readThinDevices } from '../../../../src/thin/metadata/device-details.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { BLOCK, nodeOf, sealed, superblockOf, u64 } from '../../../support/thin/metadata-image.ts';

/** A superblock with the root of the details. */
const superblock = (details: number, time = 0): Buffer =>
  superblockOf({ details, time, mappings: 0, metadataBlocks: 10 });

/** A leaf of devices with their mapped blocks, or a node of child nodes. */
function node(number: number, isLeaf: boolean, entries: readonly (readonly [bigint, number])[]) {
  const value = (first: number): Buffer => Buffer.concat([u64(BigInt(first)), Buffer.alloc(16)]);
  return isLeaf
    ? nodeOf(
        number,
        'leaf',
        entries.map(([key, mapped]) => [key, value(mapped)]),
        24,
      )
    : nodeOf(
        number,
        'internal',
        entries.map(([key, child]) => [key, u64(BigInt(child))]),
      );
}

/** Read the devices from a file with these blocks. */
const devicesOf = (t: ExecutionContext, blocks: Readonly<Record<number, Buffer>>) => {
  const device = join(tempDir(t), 'metadata');
  const bytes = Buffer.alloc(10 * BLOCK);
  for (const [number, block] of Object.entries(blocks)) block.copy(bytes, Number(number) * BLOCK);
  writeFileSync(device, bytes);
  return readThinDevices({ name: 'tank', device });
};

const LEAF = node(7, true, [
  [0n, 5],
  [9n, 0],
]);

test('devices of one node', async (t) => {
  const found = await devicesOf(t, { 0: superblock(7), 7: LEAF });
  t.deepEqual(
    [...found].map(([id, { mappedBlocks }]) => [id, mappedBlocks]),
    [
      [0, 5n],
      [9, 0n],
    ],
  );
});

test('devices of several nodes', async (t) => {
  const root = node(3, false, [
    [0n, 7],
    [16_777_215n, 8],
  ]);
  const last = node(8, true, [[16_777_215n, 1]]);
  const found = await devicesOf(t, { 0: superblock(3), 3: root, 7: LEAF, 8: last });
  t.deepEqual([...found.keys()], [0, 9, 16_777_215]);
});

test('a read during a commit of the pool is repeated', async (t) => {
  const heads = [1, 2, 2, 2].map((time) => superblock(7, time));
  const reads = ['torn', 'whole'];
  const read = async (): Promise<string> => reads.shift()!;
  t.is(await whileUnchanged(async () => heads.shift()!, read, 'tank'), 'whole');
});

test('a read error is thrown only if the pool did not commit during the read', async (t) => {
  const heads = [1, 2, 2, 2].map((time) => superblock(7, time));
  const reads = [new Error('torn'), new Error('damaged')];
  const read = async (): Promise<never> => {
    throw reads.shift()!;
  };
  await t.throwsAsync(
    whileUnchanged(async () => heads.shift()!, read, 'tank'),
    { message: 'damaged' },
  );
});

test('metadata that changes continuously', async (t) => {
  let time = 0;
  const look = async (): Promise<Buffer> => superblock(7, time++);
  await t.throwsAsync(
    whileUnchanged(look, async () => undefined, 'tank'),
    { code: 'ERR_POOL_BUSY' },
  );
});

const flipped = Buffer.from(LEAF);
flipped[100]! ^= 1;
const loop = node(7, false, [[0n, 7]]);
const many = Buffer.from(LEAF);
many.writeUInt32LE(1000, 16);
const branch = node(7, false, [[5n, 8]]);
const empty = node(8, true, []);
const LEAF_8 = node(8, true, [[4n, 0]]);
const unordered = node(7, true, [
  [9n, 0],
  [9n, 0],
]);
const mappings = node(7, true, [[0n, 5]]);
mappings.writeUInt32LE(8, 24);
const rows: readonly (readonly [what: string, blocks: Record<number, Buffer>, said: RegExp])[] = [
  ['metadata without a pool', { 0: Buffer.alloc(BLOCK) }, /the superblock is/],
  ['a flipped bit', { 0: superblock(7), 7: flipped }, /block 7 is damaged/],
  ['a block of another location', { 0: superblock(8), 8: LEAF }, /block 8 is damaged/],
  ['a block after the end', { 0: superblock(99) }, /block 99 is beyond the end of the device/],
  ['a cycle', { 0: superblock(7), 7: loop }, /the tree of metadata block 7 has 16 levels or more/],
  ['too many entries', { 0: superblock(7), 7: sealed(many, 121107) }, /block 7 is damaged/],
  [
    'a node without entries below the root',
    { 0: superblock(7), 7: branch, 8: empty },
    /block 8 is damaged/,
  ],
  [
    'keys of another part',
    { 0: superblock(7), 7: branch, 8: LEAF_8 },
    /block 8 has keys of another part of its tree/,
  ],
  [
    'keys out of order',
    { 0: superblock(7), 7: unordered },
    /block 7 has keys of another part of its tree/,
  ],
  ['another tree', { 0: superblock(7), 7: sealed(mappings, 121107) }, /block 7 is damaged/],
];

for (const [what, blocks, said] of rows) {
  test(`${what} is rejected`, async (t) => {
    const error = await t.throwsAsync(devicesOf(t, blocks), {
      code: 'ERR_POOL_METADATA',
    });
    t.regex(error?.message ?? '', said);
  });
}
