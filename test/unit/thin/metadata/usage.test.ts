// The space of thin devices, from trees that share nodes, beside a count of each mapping.

import test from 'ava';
import fc from 'fast-check';
import type { ThinUsage } from '../../../../src/thin/metadata/usage.ts';
import { usageOf } from '../../../../src/thin/metadata/usage.ts';
import { runs } from '../../../support/arbitraries/runs.ts';
import { shapes, thinDevices } from '../../../support/arbitraries/thin-devices.ts';
import { treesIn } from '../../../support/thin/metadata-blocks.ts';
import { type Devices, metadataImage } from '../../../support/thin/metadata-image.ts';
import { all } from '../../../support/thin/tool-output/documents.ts';

/** The same from the mappings themselves. */
function expected(devices: Devices): readonly ThinUsage[] {
  const users = new Map<bigint, number>();
  for (const mappings of devices.values()) {
    for (const data of mappings.values()) users.set(data, (users.get(data) ?? 0) + 1);
  }
  return [...devices.keys()]
    .toSorted((a, b) => a - b)
    .map((id) => {
      const mappings = devices.get(id)!;
      const own = [...mappings.values()].filter((data) => users.get(data) === 1).length;
      const blocks = [...mappings.keys()].toSorted((a, b) => Number(a - b));
      return {
        id,
        mappedBlocks: BigInt(mappings.size),
        transactionId: BigInt(id),
        creationTime: id,
        snapTime: id + 1,
        exclusiveBlocks: BigInt(own),
        sharedBlocks: BigInt(mappings.size - own),
        highestBlock: blocks.at(-1),
      };
    });
}

test('random devices: their own, shared and highest blocks', async (t) => {
  await fc.assert(
    fc.asyncProperty(thinDevices, shapes, async ({ devices, dataBlocks }, shape) => {
      const { trees } = await treesIn(metadataImage(devices, shape, { dataBlocks }));
      t.deepEqual(await all(usageOf(trees)), expected(devices));
    }),
    runs(100),
  );
});

test('the devices of a metadata snapshot, and of the last commit', async (t) => {
  await fc.assert(
    fc.asyncProperty(thinDevices, thinDevices, shapes, async (now, held, shape) => {
      const image = metadataImage(now.devices, shape, {
        dataBlocks: Math.max(now.dataBlocks, held.dataBlocks),
        heldDevices: held.devices,
      });
      for (const [metadataSnap, { devices }] of [
        [false, now],
        [true, held],
      ] as const) {
        const { trees } = await treesIn(image, { metadataSnap });
        t.deepEqual(await all(usageOf(trees)), expected(devices));
      }
    }),
    runs(100),
  );
});

test('a data block beyond the end is damage', async (t) => {
  const devices = new Map([[1, new Map([[0n, 5n]])]]);
  const image = metadataImage(devices, { leaf: 8n, children: 8n }, { dataBlocks: 5 });
  const { trees } = await treesIn(image);
  await t.throwsAsync(all(usageOf(trees)), {
    code: 'ERR_POOL_METADATA',
    message: /data block 5 does not exist/,
  });
});

test('a metadata snapshot that is not reserved is missing', async (t) => {
  const image = metadataImage(new Map(), { leaf: 8n, children: 8n }, { dataBlocks: 0 });
  await t.throwsAsync(treesIn(image, { metadataSnap: true }), {
    code: 'ERR_POOL_METADATA',
    message: /no metadata snapshot is reserved/,
  });
});
