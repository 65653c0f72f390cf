// The metadata of a real pool with one fault: a flipped bit, a foreign number, another block's content, or a cut. A reader gives
// an answer or names the damage, and reads no block without end. FC_RUNS is the number of faults, and FC_SEED the seed.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { openBlocks } from '../../../src/ioctl/file/read-blocks.ts';
import { isPoolError, type ThinPool } from '../../../src/thin/index.ts';
import { differenceOf } from '../../../src/thin/metadata/difference.ts';
import { readUsage, usageOf } from '../../../src/thin/metadata/usage.ts';
import { writeSectors } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { changeThins, type Random } from '../../support/kernel/random-thins.ts';
import { MiB, openDm, scratchLoop } from '../../support/kernel/scratch.ts';
import { BLOCK as SECTORS, testPool } from '../../support/kernel/thin.ts';
import { runOptions } from '../../support/model/sequences.ts';
import { randomFrom } from '../../support/random.ts';
import { signed } from '../../support/thin/metadata-block.ts';
import { treesIn } from '../../support/thin/metadata-blocks.ts';
import { BLOCK, sealed } from '../../support/thin/metadata-image.ts';
import { all } from '../../support/thin/tool-output/documents.ts';

const { runs: RUNS, seed: SEED } = runOptions(2000);
const NODE_XOR = 121_107;
/** A thin device with more mappings than a leaf has. `ORIGIN + 1` is its snapshot. */
const ORIGIN = 1000;
const MAPPINGS = 600;

/** Writes every second block of a device, then some of a snapshot, so that both share a part of their trees. */
async function writeApart(pool: ThinPool): Promise<void> {
  const length = 2 * MAPPINGS * SECTORS;
  for (const [id, step] of [
    [ORIGIN, 2],
    [ORIGIN + 1, 400],
  ] as const) {
    if (id === ORIGIN) await pool.createThin(id);
    else await pool.createSnap(id, ORIGIN);
    const { path } = await pool.activateThin(id, { length });
    for (let block = 0; block < 2 * MAPPINGS; block += step) {
      writeSectors(path, block * SECTORS, Buffer.alloc(512, 'x'));
    }
    await pool.deactivateThin(id);
  }
}

/** What a reader finds: everything that it says, or the damage. */
interface Outcome {
  readonly text: string;
  readonly isDamage: boolean;
  /** The blocks that it read. */
  readonly reads: readonly bigint[];
}

async function readAll(image: Buffer, pair: readonly [number, number]): Promise<Outcome> {
  const reads: bigint[] = [];
  try {
    const counted = await treesIn(image, { reads });
    const usage = await all(usageOf(counted.trees));
    const delta = await all(differenceOf('tank', counted.trees, ...pair));
    return { text: textOf([usage, delta]), isDamage: false, reads };
  } catch (error) {
    if (!isPoolError(error, 'ERR_POOL_METADATA', 'ERR_THIN_MISSING')) throw error;
    return { text: error.message, isDamage: true, reads };
  }
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? `${field}` : field));

/** A part of an image. */
const blockOf = (image: Buffer, number: number): Buffer =>
  image.subarray(number * BLOCK, (number + 1) * BLOCK);

/** Gives a block the checksum of its content. */
const seal = (block: Buffer, number: number): Buffer =>
  number === 0 ? signed(block) : sealed(block, NODE_XOR);

/** A number that a program may take for a block, a count or a key. */
function oddNumber(random: Random, blocks: number): bigint {
  const numbers = [0n, BigInt(random(blocks)), BigInt(random(300)), 1n << BigInt(random(64))];
  return (numbers[random(numbers.length)]! - BigInt(random(2))) & (2n ** 64n - 1n);
}

/** Puts one fault into an image. `used` are the blocks that a reader reads. @returns the image, which can be shorter */
type Fault = (image: Buffer, used: readonly number[], random: Random) => Buffer;

const FAULTS: Readonly<Record<string, Fault>> = {
  'a flipped bit': (image, used, random) => {
    blockOf(image, used[random(used.length)]!)[random(BLOCK)]! ^= 1 << random(8);
    return image;
  },
  'a flipped bit under a right checksum': (image, used, random) => {
    const number = used[random(used.length)]!;
    const block = blockOf(image, number);
    block[random(BLOCK)]! ^= 1 << random(8);
    seal(block, number);
    return image;
  },
  'a foreign number under a right checksum': (image, used, random) => {
    const number = used[random(used.length)]!;
    const block = blockOf(image, number);
    // Most of a node's numbers are in its first bytes or behind its keys.
    const word = random(2) === 0 ? random(BLOCK / 8) : random(64);
    block.writeBigUInt64LE(oddNumber(random, image.length / BLOCK), word * 8);
    seal(block, number);
    return image;
  },
  "another block's content": (image, used, random) => {
    const [from, to] = [used[random(used.length)]!, used[random(used.length)]!];
    const block = blockOf(image, to);
    blockOf(image, from).copy(block);
    block.writeBigUInt64LE(BigInt(to), 8);
    seal(block, to);
    return image;
  },
  'a cut': (image, used, random) => image.subarray(0, BLOCK * (1 + random(Math.max(...used) + 1))),
};

test.serial('a reader reports each fault as damage, or answers', async (t) => {
  t.timeout(3_600_000);
  t.log(`FC_SEED=${SEED} FC_RUNS=${RUNS}`);
  const dm = await openDm(t);
  const { pool, metadata } = await testPool(t, dm, { dataSize: BigInt(256 * MiB) });
  const next = randomFrom(SEED);
  const random: Random = (below) => Math.floor(next() * below);
  const ids = [...(await changeThins(pool, random)), ORIGIN, ORIGIN + 1];
  await writeApart(pool);
  await pool.deactivate();
  const image = readFileSync(metadata);
  const pair = [ORIGIN, ORIGIN + 1] as const;
  const right = await readAll(image, pair);
  t.false(right.isDamage, right.text);
  t.is(
    textOf(await all(readUsage({ name: 'tank', device: metadata }))),
    textOf(JSON.parse(right.text)[0]),
  );
  const used = [...new Set(right.reads.map(Number))];
  t.log(`${ids.length} thin devices, ${used.length} blocks of metadata are read`);

  const tally = new Map<string, { damage: number; answers: number }>();
  const whole = image.subarray(0, (Math.max(...used) + 2) * BLOCK);
  for (let run = 0; run < RUNS; run++) {
    const kinds = Object.keys(FAULTS);
    const kind = kinds[run % kinds.length]!;
    const outcome = await readAll(FAULTS[kind]!(Buffer.from(whole), used, random), pair);
    const count = tally.get(kind) ?? { damage: 0, answers: 0 };
    if (outcome.isDamage) count.damage += 1;
    else count.answers += 1;
    tally.set(kind, count);
    // A cut behind the last block that is read changes nothing.
    const isSound = outcome.isDamage || outcome.text === right.text;
    if (kind === 'a flipped bit') t.true(outcome.isDamage, `run ${run}: ${kind}`);
    else if (kind === 'a cut') t.true(isSound, `run ${run}: ${kind}`);
    // A device has each block at most once in its tree, and its tree is read a few times.
    const bound = 4 * (ids.length + 2) * used.length;
    if (outcome.reads.length > bound) t.fail(`run ${run}: ${kind}: ${outcome.reads.length} reads`);
  }
  for (const [kind, { damage, answers }] of tally) {
    t.log(`${kind}: ${damage} times damage, ${answers} answers`);
  }
});

test.serial('a block behind the end of a device is damage', async (t) => {
  const device = await scratchLoop(t, MiB);
  await using blocks = await openBlocks(device);
  t.is((await blocks.read(255n)).length, BLOCK);
  for (const number of [256n, 257n, 2n ** 40n, 2n ** 51n, 2n ** 64n - 1n]) {
    await t.throwsAsync(blocks.read(number), { instanceOf: RangeError });
  }
});

test.serial('nothing is left', assertNothingLeft);
