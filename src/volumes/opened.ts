// Opens a directory of volumes, step by step. When a step fails, the earlier ones are undone.

import { mkdir, realpath } from 'node:fs/promises';
import type { DeviceMapper } from '../dm/device/device-mapper.ts';
import { DurableDirectory, whyNotWritten } from '../storage/directory/durable-file.ts';
import { lockRoot } from '../storage/directory/root-lock.ts';
import { Cleanups } from '../storage/layers/cleanups.ts';
import type { EnsureVolumesOptions } from './config/options.ts';
import { demandPoolRecord } from './directory/pool-record.ts';
import { VolumeRecords } from './directory/records.ts';
import { growVolumePool, openVolumePool } from './pool.ts';
import { recoverVolumes, type VolumeState } from './recover.ts';

/** Everything that an open directory of volumes consists of. */
export interface OpenedVolumes extends VolumeState {
  readonly directory: string;
  /** The data of the pool is a file. */
  readonly onFile: boolean;
  /** What was repaired, and what was left for the next time, one sentence each. */
  readonly notices: readonly string[];
  /** Releases the lock and everything else that this process holds. Active devices stay active. */
  readonly release: () => Promise<void>;
}

/** What is opened. */
export interface OpenRequest {
  readonly dm: DeviceMapper;
  /** The name of the pool. Without it, the directory must exist already, and has the name. */
  readonly name?: string;
  readonly options: EnsureVolumesOptions;
}

/** Opens a directory of volumes. @throws what `Volumes.ensure` throws */
export async function openVolumes(request: OpenRequest): Promise<OpenedVolumes> {
  const cleanups = new Cleanups();
  try {
    return await openWith(cleanups, request);
  } catch (error) {
    // Report the first failure.
    await cleanups.run().catch(() => undefined);
    throw error;
  }
}

async function openWith(
  cleanups: Cleanups,
  { dm, name: givenName, options }: OpenRequest,
): Promise<OpenedVolumes> {
  const notices: string[] = [];
  const notice = (text: string): void => void notices.push(text);
  const name = givenName ?? demandPoolRecord(options.dir).name;
  try {
    await mkdir(options.dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw whyNotWritten(error, options.dir);
  }
  const path = await realpath(options.dir);
  cleanups.use(await lockRoot(path));
  const directory = cleanups.use(await DurableDirectory.open(path));
  const records = await VolumeRecords.load(path);
  cleanups.use(records);
  await directory.sync();
  const used = records.count > 0;
  const opened = await openVolumePool({ dm, name, directory, options, used, notice });
  const { pool, activated, onFile } = opened;
  let ready = false;
  cleanups.defer(async () => {
    if (!ready && activated) await pool.deactivate();
  });
  // Grow before deleting: a full pool refuses messages.
  await growVolumePool(opened, options);
  const census = await pool.thinDetails();
  records.take(census.keys());
  await recoverVolumes({ dm, pool, records }, census, notice);
  ready = true;
  return {
    dm,
    pool,
    records,
    directory: path,
    onFile,
    notices,
    release: () => cleanups.run(),
  };
}
