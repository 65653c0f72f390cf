// The ranges of blocks that a device maps, beside its mappings.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { mappedRangesOf, readMappedRanges } from '../../../../src/thin/metadata/mapped-ranges.ts';
import { readMappingRoots } from '../../../../src/thin/metadata/mappings.ts';
import { runs } from '../../../support/arbitraries/runs.ts';
import { shapes, thinDevices } from '../../../support/arbitraries/thin-devices.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { treesIn } from '../../../support/thin/metadata-blocks.ts';
import { metadataImage } from '../../../support/thin/metadata-image.ts';
import { all } from '../../../support/thin/tool-output/documents.ts';

test('random devices: the ranges have the mapped blocks, and are as long as they can', async (t) => {
  await fc.assert(
    fc.asyncProperty(thinDevices, shapes, async ({ devices, dataBlocks }, shape) => {
      const { trees } = await treesIn(metadataImage(devices, shape, { dataBlocks }));
      const roots = await readMappingRoots(trees);
      for (const [id, mappings] of devices) {
        const ranges = await all(mappedRangesOf(trees.nodes, roots.get(id)!));
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

test('metadata in a file', async (t) => {
  const path = join(tempDir(t), 'metadata');
  const mappings = new Map([0n, 1n, 5n].map((block) => [block, block + 10n]));
  const devices = new Map([[3, mappings]]);
  writeFileSync(path, metadataImage(devices, { leaf: 4n, children: 4n }, { dataBlocks: 20 }));
  const source = { name: 'tank', device: path };
  t.deepEqual(await all(readMappedRanges(source, 3)), [
    { begin: 0n, length: 2n },
    { begin: 5n, length: 1n },
  ]);
  await t.throwsAsync(all(readMappedRanges(source, 7)), { code: 'ERR_THIN_MISSING' });
});
