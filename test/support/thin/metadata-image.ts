// Writes thin-pool metadata that the library reads: superblock, details and trees of mappings. Equal nodes are written once, so
// devices with equal ranges share nodes, as snapshots do.

import { crc32c } from '../../../src/thin/metadata/crc32c.ts';

export const BLOCK = 4096;
const SUPERBLOCK_XOR = 160_774;
const NODE_XOR = 121_107;
const MAGIC = 27_022_010n;

/** Mappings of a device: data blocks by block. */
export type Mappings = ReadonlyMap<bigint, bigint>;

/** A pool's devices by id. */
export type Devices = ReadonlyMap<number, Mappings>;

/** How wide nodes are: few entries make deep trees. */
export interface Shape {
  /** Blocks of a device for each leaf. */
  readonly leaf: bigint;
  /** Children of an internal node. */
  readonly children: bigint;
}

/** A block with its checksum. */
export function sealed(block: Buffer, xor: number): Buffer {
  block.writeUInt32LE((crc32c(block.subarray(4)) ^ xor) >>> 0);
  return block;
}

/** A superblock, or the copy of a metadata snapshot in block `number`. */
export function superblockOf(fields: {
  readonly mappings: number;
  readonly details: number;
  readonly metadataBlocks: number;
  readonly dataBlocks?: number;
  readonly time?: number;
  readonly held?: number;
  readonly number?: number;
}): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.writeBigUInt64LE(BigInt(fields.number ?? 0), 8);
  block.writeBigUInt64LE(MAGIC, 32);
  block.writeUInt32LE(2, 40);
  block.writeUInt32LE(fields.time ?? 0, 44);
  block.writeBigUInt64LE(BigInt(fields.held ?? 0), 56);
  block.writeBigUInt64LE(BigInt(fields.dataBlocks ?? 0), 64);
  block.writeBigUInt64LE(BigInt(fields.metadataBlocks), 192);
  block.writeBigUInt64LE(BigInt(fields.mappings), 320);
  block.writeBigUInt64LE(BigInt(fields.details), 328);
  block.writeUInt32LE(128, 336);
  block.writeUInt32LE(8, 340);
  return sealed(block, SUPERBLOCK_XOR);
}

/** A node of a tree. The values are of equal length. */
export function nodeOf(
  number: number,
  kind: 'leaf' | 'internal',
  entries: readonly (readonly [key: bigint, value: Buffer])[],
  valueBytes = 8,
): Buffer {
  const block = Buffer.alloc(BLOCK);
  const capacity = Math.floor((BLOCK - 32) / (8 + valueBytes) / 3) * 3;
  block.writeUInt32LE(kind === 'leaf' ? 2 : 1, 4);
  block.writeBigUInt64LE(BigInt(number), 8);
  block.writeUInt32LE(entries.length, 16);
  block.writeUInt32LE(capacity, 20);
  block.writeUInt32LE(valueBytes, 24);
  for (const [index, [key, value]] of entries.entries()) {
    block.writeBigUInt64LE(key, 32 + index * 8);
    value.copy(block, 32 + capacity * 8 + index * valueBytes);
  }
  return sealed(block, NODE_XOR);
}

export const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

type Entries = readonly (readonly [key: bigint, value: Buffer])[];

/** Blocks of metadata, from block 1 on. */
class Image {
  readonly blocks: Buffer[] = [];
  readonly #numbers = new Map<string, number>();

  get next(): number {
    return this.blocks.length + 1;
  }

  /** The number of the node, which may have been written before. */
  node(kind: 'leaf' | 'internal', entries: Entries, valueBytes = 8): number {
    const content = nodeOf(0, kind, entries, valueBytes).toString('latin1');
    const known = this.#numbers.get(content);
    if (known !== undefined) return known;
    const number = this.next;
    this.blocks.push(nodeOf(number, kind, entries, valueBytes));
    this.#numbers.set(content, number);
    return number;
  }

  /** The root of a tree of mappings. Each level groups the keys of the one below by their number. */
  tree(entries: Entries, { leaf, children }: Shape): number {
    let level = [...grouped(entries, leaf)].map(
      ([, part]) => [part[0]![0], this.node('leaf', part)] as const,
    );
    if (level.length === 0) return this.node('leaf', []);
    for (let width = leaf * children; level.length > 1; width *= children) {
      const parts = level.map(([key, number]) => [key, u64(BigInt(number))] as const);
      level = [...grouped(parts, width)].map(
        ([, part]) => [part[0]![0], this.node('internal', part)] as const,
      );
    }
    return level[0]![1];
  }
}

function grouped(entries: Entries, width: bigint): Map<bigint, (readonly [bigint, Buffer])[]> {
  const groups = new Map<bigint, (readonly [bigint, Buffer])[]>();
  for (const entry of entries) {
    const group = entry[0] / width;
    groups.set(group, [...(groups.get(group) ?? []), entry]);
  }
  return groups;
}

/** The details of a device, of its number of mapped blocks. */
function detailsOf(id: number, mappings: Mappings): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64LE(BigInt(mappings.size));
  bytes.writeBigUInt64LE(BigInt(id), 8);
  bytes.writeUInt32LE(id, 16);
  bytes.writeUInt32LE(id + 1, 20);
  return bytes;
}

/** The metadata of a pool with these devices; `heldDevices` are those of its metadata snapshot. */
export function metadataImage(
  devices: Devices,
  shape: Shape,
  { dataBlocks, heldDevices }: { readonly dataBlocks: number; readonly heldDevices?: Devices },
): Buffer {
  const image = new Image();
  const roots = (all: Devices) => {
    const ids = [...all.keys()].toSorted((a, b) => a - b);
    const trees = ids.map((id) => {
      const entries = [...all.get(id)!]
        .toSorted(([a], [b]) => Number(a - b))
        .map(([block, data]) => [block, u64((data << 24n) | 7n)] as const);
      return [BigInt(id), u64(BigInt(image.tree(entries, shape)))] as const;
    });
    const details = ids.map((id) => [BigInt(id), detailsOf(id, all.get(id)!)] as const);
    return { mappings: image.node('leaf', trees), details: image.node('leaf', details, 24) };
  };
  const top = roots(devices);
  const heldRoots = heldDevices && roots(heldDevices);
  const held = heldRoots && image.next;
  const metadataBlocks = image.blocks.length + (held ? 2 : 1);
  if (held) {
    image.blocks.push(superblockOf({ ...heldRoots, metadataBlocks, dataBlocks, number: held }));
  }
  const first = superblockOf({ ...top, metadataBlocks, dataBlocks, ...(held && { held }) });
  return Buffer.concat([first, ...image.blocks]);
}
