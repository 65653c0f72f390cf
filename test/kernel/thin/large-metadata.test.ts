// Metadata with a million mappings: what it takes to read them, and to find a hundred changed ones.

import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { openBlocks } from '../../../src/ioctl/file/read-blocks.ts';
import { ThinPool } from '../../../src/thin/index.ts';
import { differenceOf } from '../../../src/thin/metadata/difference.ts';
import { findTrees } from '../../../src/thin/metadata/trees.ts';
import { readUsage } from '../../../src/thin/metadata/usage.ts';
import { writeSectors } from '../../support/kernel/device-io.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import {
  MiB,
  openDm,
  scratchDirectory,
  scratchLoop,
  uniqueName,
} from '../../support/kernel/scratch.ts';
import { BLOCK, removePool } from '../../support/kernel/thin.ts';
import { randomFrom } from '../../support/random.ts';
import { all } from '../../support/thin/tool-output/documents.ts';

const MAPPINGS = 1_000_000;
const CHANGES = 100;
/** Blocks of data: room for the changes. */
const DATA = MAPPINGS + 1000;
/** Neighbours of a device are this far apart in the data, so that no two mappings join. It has no factor in common with DATA. */
const STRIDE = 7919;
const READ_USAGE = fileURLToPath(new URL('../../fixtures/read-usage.js', import.meta.url));

/** A dump of one thin device with all mappings. */
function* dump(): Generator<string> {
  yield `<superblock uuid="" time="0" transaction="0" version="2" data_block_size="${BLOCK}" nr_data_blocks="${DATA}">\n`;
  yield `<device dev_id="1" mapped_blocks="${MAPPINGS}" transaction="0" creation_time="0" snap_time="0">\n`;
  for (let block = 0; block < MAPPINGS; block++) {
    const data = (block * STRIDE) % DATA;
    yield `<single_mapping origin_block="${block}" data_block="${data}" time="0"/>\n`;
  }
  yield '</device>\n</superblock>\n';
}

async function restored(t: ExecutionContext): Promise<string> {
  const path = await scratchLoop(t, 128 * MiB);
  const xml = join(scratchDirectory(t), 'dump.xml');
  await pipeline(dump, createWriteStream(xml));
  execFileSync('/usr/sbin/thin_restore', ['-i', xml, '-o', path]);
  return path;
}

/** The milliseconds of a program that prints much. */
function timeOf(program: string, ...args: readonly string[]): number {
  const start = performance.now();
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return performance.now() - start;
}

test.serial('a million mappings', async (t) => {
  t.timeout(600_000);
  const metadata = await restored(t);
  const data = await scratchLoop(t, DATA * BLOCK * 512);
  const dm = await openDm(t);
  const name = uniqueName('pool');
  t.teardown(() => removePool(dm, name));
  const pool = await ThinPool.activate(dm, name, { metadata, data });
  await pool.createSnap(2, 1);
  const thin = await pool.activateThin(2, { length: MAPPINGS * BLOCK });
  const random = randomFrom(1);
  const changed = new Set<number>();
  while (changed.size < CHANGES) changed.add(Math.floor(random() * MAPPINGS));
  for (const block of changed) writeSectors(thin.path, block * BLOCK, Buffer.alloc(512, 'x'));
  await pool.deactivateThin(2);
  await pool.deactivate();

  let reads = 0;
  {
    await using blocks = await openBlocks(metadata);
    const read = (number: bigint): Promise<Buffer> => {
      reads += 1;
      return blocks.read(number);
    };
    const [, ...ranges] = await all(
      differenceOf(name, await findTrees(name, { read }, false), 1, 2),
    );
    const found: number[] = [];
    for (const range of ranges) {
      t.is(range.kind, 'different');
      if (range.kind === 'superblock') continue;
      for (let i = 0; i < Number(range.length); i++) found.push(Number(range.begin) + i);
    }
    t.deepEqual(
      found,
      [...changed].toSorted((a, b) => a - b),
    );
  }
  t.log(`${CHANGES} changes in ${MAPPINGS} mappings: ${reads} blocks read`);
  t.true(reads < 1000);

  const usage = await all(readUsage({ name, device: metadata }));
  const shared = BigInt(MAPPINGS - CHANGES);
  t.deepEqual(
    usage.map(({ id, mappedBlocks, exclusiveBlocks, sharedBlocks, highestBlock }) => [
      id,
      mappedBlocks,
      exclusiveBlocks,
      sharedBlocks,
      highestBlock,
    ]),
    [1, 2].map((id) => [id, BigInt(MAPPINGS), BigInt(CHANGES), shared, BigInt(MAPPINGS - 1)]),
  );
  const child = execFileSync(process.execPath, [READ_USAGE, metadata], { encoding: 'utf8' });
  const { devices, ms, maxRss } = JSON.parse(child);
  t.is(devices, 2);
  const [dumped, listed] = [
    timeOf('thin_dump', metadata),
    timeOf('thin_ls', '--format', 'DEV,EXCLUSIVE_BLOCKS', metadata),
  ];
  const ratio = (other: number): string => (ms / other).toFixed(2);
  t.log(
    `usage of all: ${ratio(dumped)} times thin_dump, ${ratio(listed)} times thin_ls, ${Math.round(maxRss / 1024)} MiB`,
  );
  t.true(maxRss < 200 * 1024);
});

test.serial('nothing is left', assertNothingLeft);
