// Random trees of thin devices and snapshots, compared with a model in memory: each device has exactly the data that was
// written to it, and the pool uses as many blocks as the model.

import { closeSync, fsyncSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { DeviceInfo, DeviceMapper } from '../../../src/index.ts';
import { discardBlocks } from '../../../src/ioctl/index.ts';
import { MiB, openDm } from '../../support/kernel/scratch.ts';
import { metadataTool, type TestPool, testPool, used } from '../../support/kernel/thin.ts';

const SEEDS = 8;
const STEPS = 40;
const DEVICES_MAX = 20;
const DEPTH_MAX = 6;
/** Data blocks of each device. */
const BLOCKS = 8;
/** Size of one write, and the unit of the model. */
const UNIT = 4096;

/** A block of the pool: the content of each unit, 0 for none. Devices that share the block share this object. */
type ModelBlock = Uint8Array;

interface ModelThin {
  readonly depth: number;
  readonly blocks: (ModelBlock | undefined)[];
}

type Step =
  | { readonly do: 'create' }
  | { readonly do: 'snap' | 'delete' | 'restart'; readonly pick: number }
  | {
      readonly do: 'write' | 'discard';
      readonly pick: number;
      readonly block: number;
      readonly unit: number;
      readonly units: number;
      readonly byte: number;
    };

const io = <T extends 'write' | 'discard'>(what: T) =>
  fc.record({
    do: fc.constant(what),
    pick: fc.nat(),
    block: fc.nat(BLOCKS - 1),
    unit: fc.nat(),
    units: fc.integer({ min: 1, max: 32 }),
    byte: fc.integer({ min: 1, max: 255 }),
  });
const picked = <T extends 'snap' | 'delete' | 'restart'>(what: T) =>
  fc.record({ do: fc.constant(what), pick: fc.nat() });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'create' }) },
  { weight: 4, arbitrary: picked('snap') },
  { weight: 1, arbitrary: picked('delete') },
  { weight: 2, arbitrary: picked('restart') },
  { weight: 10, arbitrary: io('write') },
  { weight: 2, arbitrary: io('discard') },
);

/** A pool and its model. */
class SideBySide {
  readonly #thins = new Map<number, ModelThin>();
  readonly #devices = new Map<number, DeviceInfo>();
  readonly #pool: TestPool['pool'];
  readonly #blockBytes: number;
  #nextId = 0;

  constructor(pool: TestPool['pool'], blockSectors: number) {
    this.#pool = pool;
    this.#blockBytes = blockSectors * 512;
  }

  /** Apply a step to both, or skip it if it does not apply. */
  async perform(one: Step): Promise<void> {
    if (one.do === 'create') return this.#add([...Array(BLOCKS)], 1);
    const ids = [...this.#thins.keys()];
    const id = ids[one.pick % ids.length];
    if (id === undefined) return;
    const model = this.#thins.get(id)!;
    switch (one.do) {
      case 'snap':
        return this.#add([...model.blocks], model.depth + 1, id);
      case 'delete':
        await this.#pool.deactivateThin(id);
        await this.#pool.deleteThin(id);
        this.#thins.delete(id);
        this.#devices.delete(id);
        return;
      case 'restart':
        await this.#pool.deactivateThin(id);
        this.#devices.set(id, await this.#activate(id));
        return;
      case 'write':
        return this.#write(id, model, one);
      case 'discard': {
        // Whole blocks only: the kernel keeps the mapping of a partly discarded block.
        const start = BigInt(one.block * this.#blockBytes);
        await discardBlocks(this.#devices.get(id)!.path, {
          start,
          length: BigInt(this.#blockBytes),
        });
        model.blocks[one.block] = undefined;
      }
    }
  }

  async #add(blocks: ModelThin['blocks'], depth: number, origin?: number): Promise<void> {
    if (this.#thins.size === DEVICES_MAX || depth > DEPTH_MAX) return;
    const id = this.#nextId++;
    await (origin === undefined ? this.#pool.createThin(id) : this.#pool.createSnap(id, origin));
    this.#thins.set(id, { blocks, depth });
    this.#devices.set(id, await this.#activate(id));
  }

  #activate(id: number): Promise<DeviceInfo> {
    return this.#pool.activateThin(id, { length: (BLOCKS * this.#blockBytes) / 512 });
  }

  #write(id: number, model: ModelThin, one: Extract<Step, { do: 'write' | 'discard' }>): void {
    const perBlock = this.#blockBytes / UNIT;
    const unit = one.unit % perBlock;
    const units = Math.min(one.units, perBlock - unit);
    const fd = openSync(this.#devices.get(id)!.path, 'r+');
    const bytes = Buffer.alloc(units * UNIT, one.byte);
    writeSync(fd, bytes, 0, bytes.length, one.block * this.#blockBytes + unit * UNIT);
    fsyncSync(fd);
    closeSync(fd);
    // A write copies a shared block, as in the kernel.
    const block = Uint8Array.from(model.blocks[one.block] ?? new Uint8Array(perBlock));
    block.fill(one.byte, unit, unit + units);
    model.blocks[one.block] = block;
  }

  /** Compare all devices. */
  async check(t: ExecutionContext): Promise<void> {
    // The page cache of the devices proves nothing.
    writeFileSync('/proc/sys/vm/drop_caches', '1');
    const actual = Buffer.alloc(BLOCKS * this.#blockBytes);
    const expected = Buffer.alloc(actual.length);
    for (const [id, { path }] of this.#devices) {
      const fd = openSync(path, 'r');
      readSync(fd, actual, 0, actual.length, 0);
      closeSync(fd);
      this.#fill(expected, id);
      if (!actual.equals(expected)) t.fail(`thin ${id} differs`);
    }
    const blocks = [...this.#thins.values()].flatMap((thin) => thin.blocks);
    const shared = new Set(blocks.filter((block) => block !== undefined));
    t.is(await used(this.#pool), BigInt(shared.size), 'blocks in use');
  }

  /** The expected content of a device. */
  #fill(expected: Buffer, id: number): void {
    expected.fill(0);
    for (const [at, block] of this.#thins.get(id)!.blocks.entries()) {
      block?.forEach((byte, unit) => {
        const start = at * this.#blockBytes + unit * UNIT;
        if (byte !== 0) expected.fill(byte, start, start + UNIT);
      });
    }
  }

  async shutDown(): Promise<number> {
    for (const id of this.#devices.keys()) await this.#pool.deactivateThin(id);
    await this.#pool.deactivate();
    return this.#thins.size;
  }
}

async function run(
  t: ExecutionContext,
  dm: DeviceMapper,
  blockSectors: number,
  steps: readonly Step[],
): Promise<number> {
  const data = BigInt(DEVICES_MAX * BLOCKS * blockSectors * 512);
  const { pool, metadata } = await testPool(t, dm, {
    dataSize: data,
    metadataSize: BigInt(2 * MiB),
    blockSize: BigInt(blockSectors),
  });
  const both = new SideBySide(pool, blockSectors);
  for (const one of steps) await both.perform(one);
  await both.check(t);
  const thins = await both.shutDown();
  metadataTool('thin_check', metadata);
  return thins;
}

for (const blockSectors of [128, 256, 2048]) {
  test(`isolation, blocks of ${blockSectors / 2} KiB`, async (t) => {
    const dm = await openDm(t);
    let [trees, thins] = [0, 0];
    const sequences = fc.array(step, { minLength: STEPS, maxLength: STEPS });
    await fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        thins += await run(t, dm, blockSectors, steps);
        trees++;
      }),
      { numRuns: SEEDS, seed: 1, endOnFailure: true },
    );
    t.log(`${trees} random trees of ${STEPS} steps, seed 1: ${thins} devices compared`);
    t.is(trees, SEEDS);
  });
}
