// Random thin devices: one is written, others are snapshots that went their own way.

import fc from 'fast-check';
import type { Devices, Mappings, Shape } from '../thin/metadata-image.ts';

const BLOCKS = 200;

/** A change of a device: blocks that are written or discarded. */
interface Change {
  readonly origin: number;
  readonly begin: number;
  readonly length: number;
  readonly discard: boolean;
}

const change: fc.Arbitrary<Change> = fc.record({
  origin: fc.nat(),
  begin: fc.nat(BLOCKS),
  length: fc.integer({ min: 0, max: 30 }),
  discard: fc.boolean(),
});

/** Few entries for each node, so that few blocks make trees of several levels. */
export const shapes: fc.Arbitrary<Shape> = fc.record({
  leaf: fc.bigInt({ min: 1n, max: 40n }),
  children: fc.bigInt({ min: 2n, max: 8n }),
});

/** Devices, and the number of data blocks in use. */
export const thinDevices: fc.Arbitrary<{ readonly devices: Devices; readonly dataBlocks: number }> =
  fc.array(fc.tuple(fc.nat(5), change), { maxLength: 20 }).map((changes) => {
    const devices = new Map<number, Mappings>();
    let next = 0n;
    for (const [id, { origin, begin, length, discard }] of changes) {
      const ids = [...devices.keys()];
      const from = devices.get(id) ?? devices.get(ids[origin % ids.length] ?? 0) ?? new Map();
      const mappings = new Map(from);
      for (let block = BigInt(begin); block < BigInt(begin + length); block++) {
        if (discard) mappings.delete(block);
        else mappings.set(block, next++);
      }
      devices.set(id, mappings);
    }
    return { devices, dataBlocks: Number(next) };
  });
