// The nodes of the B-trees in thin-pool metadata. Source: struct btree_node in
// drivers/md/persistent-data/dm-btree-internal.h of the kernel.

import type { BlockReader } from '../../ioctl/file/read-blocks.ts';
import { PoolError } from '../live/errors.ts';
import { crc32c } from './crc32c.ts';

const CHECKSUM_XOR = 121_107;
const INTERNAL_NODE = 1;
const LEAF_NODE = 2;
const HEADER = 32;
const KEY_BYTES = 8;
/** The bytes of a value in an internal node: the number of a metadata block. */
const CHILD_BYTES = 8;
/** The kernel keeps nodes at least a third full, so 2^64 keys need fewer levels. */
const LEVELS_MAX = 16;

/** The keys from `from` up to, and without, `below`. */
export interface KeyRange {
  readonly from: bigint;
  readonly below: bigint;
}

const ALL_KEYS: KeyRange = { from: 0n, below: 1n << 64n };

/** A node to read: its place in its tree says which keys it may have. */
export interface NodePlace {
  /** Its metadata block. */
  readonly number: bigint;
  readonly range: KeyRange;
  /** The root has level 0. */
  readonly level: number;
}

/** A checked node. */
export interface BtreeNode {
  readonly place: NodePlace;
  readonly isLeaf: boolean;
  /** In ascending order. */
  readonly keys: readonly bigint[];
  readonly block: Buffer;
  /** The offset of the first value in `block`; the others follow it. */
  readonly values: number;
}

/** The place of a tree's root. */
export const rootPlace = (number: bigint): NodePlace => ({ number, range: ALL_KEYS, level: 0 });

/** The place of a child of an internal node. */
export function childPlace({ place, keys, block, values }: BtreeNode, index: number): NodePlace {
  return {
    number: block.readBigUInt64LE(values + index * CHILD_BYTES),
    range: { from: keys[index]!, below: keys[index + 1] ?? place.range.below },
    level: place.level + 1,
  };
}

/** The places of all children of an internal node. */
export const childPlaces = (node: BtreeNode): readonly NodePlace[] =>
  node.keys.map((_, index) => childPlace(node, index));

/** Reads the nodes of the trees in one pool's metadata. It checks all that a node says of itself. */
export class NodeReader {
  readonly #pool: string;
  readonly #blocks: Pick<BlockReader, 'read'>;

  constructor(pool: string, blocks: Pick<BlockReader, 'read'>) {
    this.#pool = pool;
    this.#blocks = blocks;
  }

  /** The error for metadata that is not as the kernel writes it. */
  fault(problem: string): PoolError {
    return new PoolError({
      code: 'ERR_POOL_METADATA',
      pool: this.#pool,
      problem: `cannot read its metadata: ${problem}`,
      hint: 'Deactivate the pool and run "thin_check" on its metadata device',
    });
  }

  /** Reads a metadata block. @throws PoolError ERR_POOL_METADATA for one beyond the end; SyscallError */
  async block(number: bigint): Promise<Buffer> {
    try {
      return await this.#blocks.read(number);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw this.fault(`metadata block ${number} is beyond the end of the device`);
    }
  }

  /**
   * Reads a node whose leaves have values of `valueBytes`.
   * @throws PoolError ERR_POOL_METADATA for a damaged node, or one with keys of another place; SyscallError
   */
  async node(place: NodePlace, valueBytes: number): Promise<BtreeNode> {
    const { number, level } = place;
    if (level === LEVELS_MAX) {
      throw this.fault(`the tree of metadata block ${number} has ${LEVELS_MAX} levels or more`);
    }
    const block = await this.block(number);
    const isLeaf = block.readUInt32LE(4) === LEAF_NODE;
    const [entries = 0, capacity = 0, bytes = 0] = [16, 20, 24].map((at) => block.readUInt32LE(at));
    const isSound =
      block.readUInt32LE(0) === (crc32c(block.subarray(4)) ^ CHECKSUM_XOR) >>> 0 &&
      block.readBigUInt64LE(8) === number &&
      (isLeaf || block.readUInt32LE(4) === INTERNAL_NODE) &&
      entries <= capacity &&
      // Only a tree without entries has a node without entries: its root, which is a leaf.
      (entries > 0 || (isLeaf && level === 0)) &&
      bytes === (isLeaf ? valueBytes : CHILD_BYTES) &&
      HEADER + capacity * (KEY_BYTES + bytes) <= block.length;
    if (!isSound) throw this.fault(`metadata block ${number} is damaged`);
    const keys: bigint[] = [];
    for (let index = 0; index < entries; index++) {
      keys.push(block.readBigUInt64LE(HEADER + index * KEY_BYTES));
    }
    if (!areAscending(keys, place.range)) {
      throw this.fault(`metadata block ${number} has keys of another part of its tree`);
    }
    return { place, isLeaf, keys, block, values: HEADER + capacity * KEY_BYTES };
  }

  /** Yields the leaves of a tree in the order of their keys. */
  async *leaves(place: NodePlace, valueBytes: number): AsyncGenerator<BtreeNode, void> {
    const node = await this.node(place, valueBytes);
    if (node.isLeaf) yield node;
    else for (const child of childPlaces(node)) yield* this.leaves(child, valueBytes);
  }
}

function areAscending(keys: readonly bigint[], { from, below }: KeyRange): boolean {
  let least = from;
  for (const key of keys) {
    if (key < least || key >= below) return false;
    least = key + 1n;
  }
  return true;
}
