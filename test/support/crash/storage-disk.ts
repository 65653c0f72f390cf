// A disk with a whole storage, so that one log of writes has all of its writes in their order.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linear } from '../../../src/dm/targets/index.ts';
import { DeviceMapper } from '../../../src/index.ts';
import { attachLoop, detachLoop, mount, unmount } from '../../../src/ioctl/index.ts';
import { Cleanups } from '../../../src/storage/layers/cleanups.ts';
import { MiB, uniqueName } from '../kernel/scratch.ts';
import { deactivateStorage } from '../kernel/storage.ts';

const SECTOR = 512;
const RETRY_MS = 10_000;

/** How a storage is placed on a disk. */
export interface DiskKind {
  /** Where the pool is: in files beside the records, or on slices of the disk. */
  readonly pool: 'files' | 'devices';
  /** The filesystem of the records. */
  readonly filesystem: 'ext4' | 'xfs';
}

/** A disk in words, for titles. */
export const diskWords = ({ pool, filesystem }: DiskKind): string =>
  `pool in ${pool}, records on ${filesystem}`;

type SliceName = 'records' | 'metadata' | 'data';

/** mkfs.xfs refuses less than 300 MiB. */
const RECORDS = 320 * MiB;

const SLICES: Readonly<
  Record<DiskKind['pool'], readonly (readonly [name: SliceName, bytes: number])[]>
> = {
  files: [['records', RECORDS]],
  devices: [
    ['records', RECORDS],
    ['metadata', 8 * MiB],
    ['data', 192 * MiB],
  ],
};

/** The size of a disk in bytes. */
export const diskSize = ({ pool }: DiskKind): number =>
  SLICES[pool].reduce((sum, [, bytes]) => sum + bytes, 0);

/** Create the filesystem of the records on the file of a disk. */
export async function formatDisk(file: string, { filesystem }: DiskKind): Promise<void> {
  const { path } = await attachLoop(file, { sizeLimit: RECORDS });
  try {
    execFileSync(`mkfs.${filesystem}`, ['-q', path], { stdio: ['ignore', 'ignore', 'pipe'] });
  } finally {
    await detachLoop(path);
  }
}

/** A mounted disk. Disposing of it takes the storage apart, but leaves its files. */
export interface StorageDisk extends AsyncDisposable {
  /** The directory of the storage, which need not exist. */
  readonly root: string;
  /** The options that name the pool. */
  readonly options: readonly string[];
  /** The file or the device of the pool's metadata. */
  readonly metadata: string;
}

/** Mount the filesystem of the records, which replays its journal. */
export async function mountDisk(device: string, kind: DiskKind): Promise<StorageDisk> {
  const cleanups = new Cleanups();
  try {
    const dm = cleanups.use(await DeviceMapper.open());
    const paths = new Map<SliceName, string>();
    let offset = 0;
    for (const [slice, bytes] of SLICES[kind.pool]) {
      const name = uniqueName(slice);
      const target = linear({ length: bytes / SECTOR, device, offset: offset / SECTOR });
      const { path } = await dm.create(name, { table: [target] });
      cleanups.defer(async () => void (await dm.remove(name, { retryMs: RETRY_MS })));
      paths.set(slice, path);
      offset += bytes;
    }
    const target = mkdtempSync(join(tmpdir(), 'dmts-test-'));
    cleanups.defer(async () => rmdirSync(target));
    await mount({ source: paths.get('records')!, target, type: kind.filesystem });
    cleanups.defer(() => unmount(target, { lazy: true }));
    const root = join(target, 'storage');
    cleanups.defer(() => deactivateStorage(root));
    return {
      root,
      ...poolOf(root, paths),
      [Symbol.asyncDispose]: () => cleanups.run(),
    };
  } catch (error) {
    await cleanups.run();
    throw error;
  }
}

function poolOf(
  root: string,
  paths: ReadonlyMap<SliceName, string>,
): Pick<StorageDisk, 'options' | 'metadata'> {
  const [metadata, data] = [paths.get('metadata'), paths.get('data')];
  if (metadata === undefined) {
    return { options: [], metadata: join(root, 'devicemapper', 'metadata') };
  }
  return { options: [`dm.metadatadev=${metadata}`, `dm.datadev=${data}`], metadata };
}
