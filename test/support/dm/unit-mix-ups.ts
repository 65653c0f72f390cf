// Code that TypeScript must reject, and code that it must accept. It is compiled and never run: a missing expected
// error fails the build, and so does an unexpected one.

import { crypt, linear, thinPool, type WorkingThinPool } from '../../../src/dm/targets/index.ts';
import {
  type Blocks,
  type Bytes,
  blocks,
  blocksToSectors,
  bytesToSectors,
  type DeviceMapper,
  formatSize,
  parseSize,
  type SecretKey,
  type Sectors,
  sectors,
  sectorsToBytes,
  type TableLine,
  type TargetInput,
} from '../../../src/index.ts';
import {
  type AttachLoopOptions,
  blockDeviceSize,
  discardBlocks,
  type LoopStatus,
} from '../../../src/ioctl/index.ts';

const device = '/dev/sdb';

/** Plain literals and values in the right unit are accepted. */
export async function meant(size: Bytes, line: TableLine, pool: WorkingThinPool): Promise<void> {
  linear({ length: 2048, device, offset: 8 });
  linear({ length: 2048n, device, offset: line.start + line.length });
  linear({ length: bytesToSectors(parseSize('1G')), device, offset: line.length });
  linear({ length: bytesToSectors(await blockDeviceSize(device)), device });
  thinPool({ length: line.length, metadataDevice: device, dataDevice: device, lowWaterMark: 16 });
  const free: Blocks<'data'> = pool.data.total - pool.data.used;
  thinPool({ length: 8, metadataDevice: device, dataDevice: device, lowWaterMark: free });
  formatSize(sectorsToBytes(blocksToSectors(pool.data.used, 128)));
  await discardBlocks(device, { start: 0n, length: size });
  const any: Blocks = pool.metadata.used;
  const named: Blocks<'data'> = blocks(5);
  blocksToSectors(any, 8);
  blocksToSectors(named, line.length);
}

/** Bytes are not sectors. */
export async function bytesForSectors(size: Bytes, dm: DeviceMapper): Promise<void> {
  // @ts-expect-error
  linear({ length: size, device });
  // @ts-expect-error
  linear({ length: await blockDeviceSize(device), device });
  // @ts-expect-error
  linear({ length: 2048, device, offset: parseSize('1G') });
  // @ts-expect-error
  const input: TargetInput = { length: size, type: 'zero' };
  // @ts-expect-error
  await dm.message('pool', 'text', { sector: size });
  // @ts-expect-error
  thinPool({ length: 8, metadataDevice: device, dataDevice: device, blockSize: size });
  // @ts-expect-error
  blocksToSectors(5, size);
  // @ts-expect-error
  sectors(size);
  // @ts-expect-error
  sectorsToBytes(size);
  // @ts-expect-error
  const length: Sectors = size;
  await dm.create('x', { table: [{ ...input, length }] });
}

/** Sectors are not bytes. */
export async function sectorsForBytes(
  line: TableLine,
  loop: LoopStatus,
  key: SecretKey,
): Promise<void> {
  // @ts-expect-error
  formatSize(line.length);
  // @ts-expect-error
  bytesToSectors(line.length);
  // @ts-expect-error
  await discardBlocks(device, { start: line.start, length: 512n });
  // @ts-expect-error
  await discardBlocks(device, { start: 0n, length: line.length });
  // @ts-expect-error
  const options: AttachLoopOptions = { offset: line.start };
  // @ts-expect-error
  const limit: AttachLoopOptions = { sizeLimit: line.length };
  // @ts-expect-error
  const start: Sectors = loop.offset;
  const sectorSize: Sectors<number> = 8;
  // @ts-expect-error
  crypt({ length: start, device, cipher: 'aes-xts-plain64', key, sectorSize });
  // @ts-expect-error
  if (line.length === parseSize('1M')) throw new Error(`${options} ${limit}`);
}

/** Blocks are neither bytes nor sectors, and data blocks are not metadata blocks. */
export function blocksForOthers(pool: WorkingThinPool, line: TableLine): void {
  const { data, metadata } = pool;
  // @ts-expect-error
  linear({ length: data.total, device });
  // @ts-expect-error
  formatSize(data.used);
  // @ts-expect-error
  sectorsToBytes(data.used);
  // @ts-expect-error
  blocksToSectors(line.length, 128);
  // @ts-expect-error
  const used: Blocks<'data'> = metadata.used;
  const lowWaterMark = metadata.total;
  // @ts-expect-error
  thinPool({ length: 8, metadataDevice: device, dataDevice: device, lowWaterMark });
  // @ts-expect-error
  if (used === metadata.used) throw new Error('not one unit');
}
