// The thin devices that metadata records, from blocks made by hand. A real pool's: test/kernel/pool-cli.test.ts.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { crc32c } from '../../src/thin/crc32c.ts';
import { committedDetails, fileDetails, type ReadBlock } from '../../src/thin/device-details.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const BLOCK = 4096;

function sealed(block: Buffer, xor: number): Buffer {
  block.writeUInt32LE((crc32c(block.subarray(4)) ^ xor) >>> 0);
  return block;
}

function superblock(root: number, time = 0): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.writeBigUInt64LE(27022010n, 32);
  block.writeUInt32LE(2, 40);
  block.writeUInt32LE(time, 44);
  block.writeBigUInt64LE(BigInt(root), 328);
  block.writeUInt32LE(128, 336);
  block.writeUInt32LE(8, 340);
  return sealed(block, 160774);
}

/** A node: of devices with what they map, or of nodes below. */
function node(number: number, isLeaf: boolean, entries: readonly (readonly [bigint, number])[]) {
  const block = Buffer.alloc(BLOCK);
  const max = 126;
  block.writeUInt32LE(isLeaf ? 2 : 1, 4);
  block.writeBigUInt64LE(BigInt(number), 8);
  block.writeUInt32LE(entries.length, 16);
  block.writeUInt32LE(max, 20);
  block.writeUInt32LE(isLeaf ? 24 : 8, 24);
  entries.forEach(([key, value], i) => {
    block.writeBigUInt64LE(key, 32 + i * 8);
    block.writeBigUInt64LE(BigInt(value), 32 + max * 8 + i * (isLeaf ? 24 : 8));
  });
  return sealed(block, 121107);
}

/** Blocks by number; a list is what each read in turn gives, the last one for ever. */
function disk(blocks: Readonly<Record<number, Buffer | Buffer[]>>): ReadBlock {
  return async (number) => {
    const block = blocks[Number(number)];
    if (!Array.isArray(block)) return block ?? Buffer.alloc(0);
    return block.length > 1 ? block.shift()! : block[0]!;
  };
}

const LEAF = node(7, true, [
  [0n, 5],
  [9n, 0],
]);

test('devices of one node', async (t) => {
  const found = await committedDetails('tank', disk({ 0: superblock(7), 7: LEAF }));
  t.deepEqual(found, [
    { id: 0, mappedBlocks: 5n },
    { id: 9, mappedBlocks: 0n },
  ]);
});

test('devices of a file, also on a filesystem without direct I/O', async (t) => {
  const blocks = [superblock(2), Buffer.alloc(BLOCK), node(2, true, [[3n, 4]])];
  for (const directory of [tempDir(t), '/dev/shm']) {
    const path = join(directory, `dmts-test-${process.pid}`);
    writeFileSync(path, Buffer.concat(blocks));
    t.teardown(() => rmSync(path, { force: true }));
    t.deepEqual(await fileDetails(path, path, {}), [{ id: 3, mappedBlocks: 4n }]);
  }
});

test('devices of several nodes', async (t) => {
  const root = node(3, false, [
    [0n, 7],
    [16_777_215n, 8],
  ]);
  const last = node(8, true, [[16_777_215n, 1]]);
  const read = disk({ 0: superblock(3), 3: root, 7: LEAF, 8: last });
  t.deepEqual(
    (await committedDetails('tank', read)).map(({ id }) => id),
    [0, 9, 16_777_215],
  );
});

test('what was read while the pool committed is read once more', async (t) => {
  const newer = superblock(8, 1);
  const blocks = [superblock(7), newer, newer];
  // Its old root is used for something else by then.
  const read = disk({ 0: blocks, 7: Buffer.alloc(BLOCK), 8: node(8, true, [[1n, 2]]) });
  t.deepEqual(await committedDetails('tank', read), [{ id: 1, mappedBlocks: 2n }]);
});

test('metadata that changes all the time', async (t) => {
  let time = 0;
  const read: ReadBlock = async (number) => (number === 0n ? superblock(7, time++) : LEAF);
  await t.throwsAsync(committedDetails('tank', read), { code: 'ERR_POOL_BUSY' });
});

const flipped = Buffer.from(LEAF);
flipped[100]! ^= 1;
const loop = node(7, false, [[0n, 7]]);
const many = Buffer.from(LEAF);
many.writeUInt32LE(1000, 16);
const mappings = node(7, true, [[0n, 5]]);
mappings.writeUInt32LE(8, 24);
const rows: readonly (readonly [what: string, blocks: Record<number, Buffer>, said: RegExp])[] = [
  ['no pool', { 0: Buffer.alloc(BLOCK) }, /block 0 is not the superblock of a pool/],
  ['a flipped bit', { 0: superblock(7), 7: flipped }, /block 7: its checksum is wrong/],
  [
    'a block of another place',
    { 0: superblock(8), 8: LEAF },
    /block 8: it says that it is block 7/,
  ],
  ['a block behind the end', { 0: superblock(99) }, /block 99: it is behind the end of the device/],
  ['a circle', { 0: superblock(7), 7: loop }, /it is too deep in the tree/],
  ['too many entries', { 0: superblock(7), 7: sealed(many, 121107) }, /it has too many entries/],
  ['another tree', { 0: superblock(7), 7: sealed(mappings, 121107) }, /not belong to the tree/],
];

for (const [what, blocks, said] of rows) {
  test(`${what} is refused`, async (t) => {
    const error = await t.throwsAsync(committedDetails('tank', disk(blocks)), {
      code: 'ERR_POOL_METADATA',
    });
    t.regex(error?.message ?? '', said);
  });
}
