// A zoned disk in memory, formatted for the zoned target like dmzadm, which Debian does not package.
// Layout: struct dmz_super of drivers/md/dm-zoned-metadata.c, version 1.

import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { writeSectors } from './device-io.ts';
import { output } from './scratch.ts';

const CONFIG = '/sys/kernel/config';
const BLOCK = 4096;
const BLOCK_SECTORS = 8;
const ZONE_MIB = 4;
const ZONE_BLOCKS = (ZONE_MIB * 1024 * 1024) / BLOCK;
const ZONES = 64;
const CONVENTIONAL = 8;
/** Sequential zones kept free for reclaiming. */
const RESERVED = 4;
/** A zone for each of the two copies of the metadata. */
const META_ZONES = 1;
const CHUNKS = ZONES - 2 * META_ZONES - RESERVED;
const MAP_BLOCKS = 1;
const MAGIC = 0x445a4244;
const CRC_AT = 44;

/** crc32_le() of the kernel, which does not invert. */
function crc32(bytes: Buffer, seed: number): number {
  let crc = seed;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return crc >>> 0;
}

function superBlock(copy: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const generation = 1;
  block.writeUInt32LE(MAGIC, 0);
  block.writeUInt32LE(1, 4); // version
  block.writeBigUInt64LE(BigInt(generation), 8);
  block.writeBigUInt64LE(BigInt(copy * META_ZONES * ZONE_BLOCKS), 16);
  block.writeUInt32LE(1 + MAP_BLOCKS + ZONES, 24); // metadata blocks; one of bitmaps for each zone
  block.writeUInt32LE(RESERVED, 28);
  block.writeUInt32LE(CHUNKS, 32);
  block.writeUInt32LE(MAP_BLOCKS, 36);
  block.writeUInt32LE(ZONES, 40); // blocks of bitmaps
  block.writeUInt32LE(crc32(block, generation), CRC_AT);
  return block;
}

/** A formatted zoned disk, removed when the test ends. */
export interface ZonedDisk {
  readonly path: string;
  readonly zones: number;
  /** Number of conventional zones, which accept random writes. */
  readonly conventional: number;
  /** Number of zones that the zoned target provides. */
  readonly chunks: number;
  readonly zoneSectors: number;
}

export function zonedDisk(t: ExecutionContext): ZonedDisk {
  output('modprobe', 'configfs');
  output('modprobe', 'null_blk', 'nr_devices=0');
  const mounted = output('cat', '/proc/mounts').includes(` ${CONFIG} `);
  if (!mounted) output('mount', '-t', 'configfs', 'none', CONFIG);
  const name = 'dmtszoned';
  const directory = join(CONFIG, 'nullb', name);
  mkdirSync(directory);
  t.teardown(() => rmdirSync(directory));
  const settings = {
    size: ZONES * ZONE_MIB,
    memory_backed: 1,
    zoned: 1,
    zone_size: ZONE_MIB,
    zone_nr_conv: CONVENTIONAL,
    blocksize: BLOCK,
    power: 1,
  };
  for (const [file, value] of Object.entries(settings)) {
    writeFileSync(join(directory, file), String(value));
  }
  const path = output('sh', '-c', `ls /dev/${name} /dev/nullb0 2>/dev/null | head -1`).trim();
  const unmapped = Buffer.alloc(BLOCK, 0xff);
  for (const copy of [0, 1]) {
    const start = copy * META_ZONES * ZONE_BLOCKS * BLOCK_SECTORS;
    writeSectors(path, start, Buffer.concat([superBlock(copy), unmapped]));
  }
  return {
    path,
    zones: ZONES,
    conventional: CONVENTIONAL,
    chunks: CHUNKS,
    zoneSectors: ZONE_BLOCKS * BLOCK_SECTORS,
  };
}
