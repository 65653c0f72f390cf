// The ranges of blocks that a device maps, beside its mappings.

import test from 'ava';
import fc from 'fast-check';
import { mappedRangesOf } from '../../../../src/thin/metadata/mapped-ranges.ts';
import { runs } from '../../../support/arbitraries/runs.ts';
import { shapes, thinDevices } from '../../../support/arbitraries/thin-devices.ts';
import { treesIn } from '../../../support/thin/metadata-blocks.ts';
import { metadataImage } from '../../../support/thin/metadata-image.ts';
import { all } from '../../../support/thin/tool-output/documents.ts';

test('random devices: the ranges have the mapped blocks, and are as long as they can', async (t) => {
  await fc.assert(
    fc.asyncProperty(thinDevices, shapes, async ({ devices, dataBlocks }, shape) => {
      const { trees } = await treesIn(metadataImage(devices, shape, { dataBlocks }));
      for (const [id, mappings] of devices) {
        const ranges = await all(mappedRangesOf('tank', trees, id));
        const blocks = ranges.flatMap(({ begin, length }) =>
          Array.from({ length: Number(length) }, (_, index) => begin + BigInt(index)),
        );
        t.deepEqual(
          blocks,
          [...mappings.keys()].toSorted((a, b) => Number(a - b)),
        );
        for (const [index, { begin }] of ranges.entries()) {
          const before = ranges[index - 1];
          t.true(before === undefined || before.begin + before.length < begin);
        }
      }
    }),
    runs(100),
  );
});

test('a device that the pool does not have', async (t) => {
  const { trees } = await treesIn(
    metadataImage(new Map(), { leaf: 4n, children: 4n }, { dataBlocks: 0 }),
  );
  await t.throwsAsync(all(mappedRangesOf('tank', trees, 7)), { code: 'ERR_THIN_MISSING' });
});
