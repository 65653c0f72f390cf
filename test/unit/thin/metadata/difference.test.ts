// The difference of two thin devices, from trees that share nodes, beside a comparison of each mapping.

import test from 'ava';
import fc from 'fast-check';
import type { DeltaItem } from '../../../../src/thin/metadata/delta.ts';
import { differenceOf } from '../../../../src/thin/metadata/difference.ts';
import { runs } from '../../../support/arbitraries/runs.ts';
import { shapes, thinDevices } from '../../../support/arbitraries/thin-devices.ts';
import { treesIn } from '../../../support/thin/metadata-blocks.ts';
import {
  BLOCK,
  type Devices,
  type Mappings,
  metadataImage,
} from '../../../support/thin/metadata-image.ts';
import { all } from '../../../support/thin/tool-output/documents.ts';

/** The same from the mappings themselves, in single blocks. */
function expected(left: Mappings, right: Mappings, same: boolean): readonly string[] {
  const blocks = [...new Set([...left.keys(), ...right.keys()])].toSorted((a, b) => Number(a - b));
  return blocks.flatMap((block) => {
    const [one, other] = [left.get(block), right.get(block)];
    if (one === other) return same ? [`same ${block}`] : [];
    const kind = one === undefined ? 'right_only' : other === undefined ? 'left_only' : 'different';
    return [`${kind} ${block}`];
  });
}

/** The single blocks of ranges, which must be as long as they can. */
function blocksOf(items: readonly DeltaItem[]): readonly string[] {
  const ranges = items.filter((item) => item.kind !== 'superblock');
  for (const [index, { kind, begin }] of ranges.entries()) {
    const before = ranges[index - 1];
    if (before?.kind === kind && before.begin + before.length === begin) {
      throw new Error(`two ranges meet at block ${begin}`);
    }
  }
  return ranges.flatMap(({ kind, begin, length }) =>
    Array.from({ length: Number(length) }, (_, index) => `${kind} ${begin + BigInt(index)}`),
  );
}

test('random devices: every pair', async (t) => {
  await fc.assert(
    fc.asyncProperty(thinDevices, shapes, async ({ devices, dataBlocks }, shape) => {
      const { trees } = await treesIn(metadataImage(devices, shape, { dataBlocks }));
      for (const [left, one] of devices) {
        for (const [right, other] of devices) {
          for (const same of [false, true]) {
            const items = await all(differenceOf('tank', trees, left, right, same));
            t.deepEqual(blocksOf(items), expected(one, other, same));
          }
        }
      }
    }),
    runs(100),
  );
});

const SIZE = 100_000;
const CHANGED = [0, 7, 5_000, 50_000, 50_001, 99_999];

/** A device, and a snapshot of it with a few changes. */
function snapshotWithChanges(): Devices {
  const origin = new Map(Array.from({ length: SIZE }, (_, i) => [BigInt(i), BigInt(i)] as const));
  const snapshot = new Map(origin);
  for (const [index, block] of CHANGED.entries()) snapshot.set(BigInt(block), BigInt(SIZE + index));
  return new Map([
    [1, origin],
    [2, snapshot],
  ]);
}

test('the cost follows the difference, and not the size', async (t) => {
  const shape = { leaf: 128n, children: 128n };
  const image = metadataImage(snapshotWithChanges(), shape, { dataBlocks: SIZE + CHANGED.length });
  const { trees, reads } = await treesIn(image);
  const items = await all(differenceOf('tank', trees, 1, 2));
  t.deepEqual(
    blocksOf(items),
    CHANGED.map((block) => `different ${block}`),
  );
  // For each change a leaf of each tree, and the path to it.
  t.true(reads.length < 50, `${reads.length} of ${image.length / BLOCK} blocks`);
});

test('an id that the pool does not have', async (t) => {
  const image = metadataImage(
    new Map([[1, new Map()]]),
    { leaf: 8n, children: 8n },
    { dataBlocks: 0 },
  );
  const { trees } = await treesIn(image);
  for (const [left, right] of [
    [1, 9],
    [9, 1],
  ] as const) {
    await t.throwsAsync(differenceOf('tank', trees, left, right).next(), {
      code: 'ERR_THIN_MISSING',
      message: /the pool has no thin device 9/,
    });
  }
});
