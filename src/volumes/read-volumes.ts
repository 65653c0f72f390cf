// Lists the volumes of a directory from outside. It writes nothing, and needs no lock.

import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DeviceMapper } from '../dm/device/device-mapper.ts';
import { checkDeviceMapper } from '../dm/device/input.ts';
import { CALL } from '../dm/device/option-checks.ts';
import type { CallOptions } from '../dm/device/options.ts';
import { checkFields, isPath } from '../ioctl/input/checks.ts';
import { readThinDevices } from '../thin/metadata/device-details.ts';
import { readMetadata } from '../thin/metadata/superblock.ts';
import { PoolView } from '../thin/pool/view.ts';
import { demandPoolRecord, type PoolRecord } from './directory/pool-record.ts';
import { readRecords } from './directory/read-records.ts';
import { contentOf, describeVolumes, type PoolContent, type VolumeInfo } from './info.ts';
import { infoOf } from './pool.ts';

/** The volumes of a directory, and their pool. */
export interface VolumesReport {
  /** The name of the pool's device. */
  readonly pool: string;
  /** Whether the pool is active. */
  readonly active: boolean;
  /** In the order of their names. */
  readonly volumes: readonly VolumeInfo[];
}

/**
 * Lists the volumes of a directory, also while another process has it open or changes it. The call writes nothing, and a pool that
 * is not active stays so.
 * @throws VolumeError ERR_VOLUME_POOL for another directory; StorageError ERR_STORAGE_RECORD, which names a file that is not
 * a record; PoolError ERR_POOL_METADATA when the metadata is damaged
 */
export async function readVolumes(
  dm: DeviceMapper,
  dir: string,
  options: CallOptions = {},
): Promise<VolumesReport> {
  checkDeviceMapper(dm);
  isPath(dir, 'dir');
  checkFields(options, CALL);
  const record = demandPoolRecord(dir);
  const device = await infoOf(dm, record);
  const entries = [...readRecords(dir)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const content = device
    ? await contentOf(await PoolView.open(dm, device.name))
    : await contentAtRest(dir, record, options);
  return {
    pool: record.name,
    active: device !== undefined,
    volumes: describeVolumes(entries, content),
  };
}

/** What a pool has that is not active. */
async function contentAtRest(
  dir: string,
  { name, metadata }: PoolRecord,
  options: CallOptions,
): Promise<PoolContent> {
  const device = resolve(await realpath(dir), metadata);
  const content = await readMetadata(device, options);
  // Its creation is not complete.
  if (content.state !== 'pool') return { details: new Map(), blockSize: 0n, active: [] };
  const { blockSize } = content.superblock;
  return { details: await readThinDevices({ name, device }, options), blockSize, active: [] };
}
