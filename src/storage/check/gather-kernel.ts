// Reads the pool and the devices of a storage directory from the kernel. Read-only: an inactive pool stays inactive.

import type { DeviceMapper } from '../../dm/device/device-mapper.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { thin } from '../../dm/targets/provisioning/thin.ts';
import { isDmError } from '../../dm/wire/errors.ts';
import { deviceNode } from '../../ioctl/device/block.ts';
import { isPoolError } from '../../thin/live/errors.ts';
import { poolStatus, poolTable } from '../../thin/live/handle.ts';
import { readThinDevices, type ThinCensus } from '../../thin/metadata/device-details.ts';
import { readMetadata } from '../../thin/metadata/superblock.ts';
import { isStorageError, type StorageError } from '../config/errors.ts';
import type { Layout } from '../directory/layout.ts';
import { type FoundPool, findPool, statusOf, type ViewPoolRequest } from '../view/view-pool.ts';
import type { DeviceFacts, PoolFacts } from './facts.ts';

/** The pool of the directory, and the path of its metadata; why it cannot be found, if so. */
export async function gatherPool(
  request: ViewPoolRequest,
  options: CallOptions,
): Promise<{ readonly facts: PoolFacts; readonly metadata: string } | StorageError> {
  try {
    const found = await findPool(request);
    return found.places === undefined
      ? await activePool(request.dm, found, options)
      : await inactivePool(found, found.places.metadata, options);
  } catch (error) {
    if (!isStorageError(error, 'ERR_STORAGE_POOL')) throw error;
    return error;
  }
}

async function activePool(
  dm: DeviceMapper,
  { name, external }: FoundPool,
  options: CallOptions,
): Promise<{ readonly facts: PoolFacts; readonly metadata: string }> {
  const { info, params } = await poolTable({ dm, name });
  const status = await poolStatus({ dm, name });
  const metadata = await deviceNode(params.metadataDevice);
  const census = await censusOf(name, metadata, options);
  return { facts: { name, external, info, status, content: undefined, census }, metadata };
}

async function inactivePool(
  { name, external }: FoundPool,
  metadata: string,
  options: CallOptions,
): Promise<{ readonly facts: PoolFacts; readonly metadata: string }> {
  const content = await readMetadata(metadata, options);
  const isPool = content.state === 'pool';
  const status = isPool ? statusOf(content.superblock) : undefined;
  const census = isPool ? await censusOf(name, metadata, options) : undefined;
  return { facts: { name, external, info: undefined, status, content, census }, metadata };
}

/** The thin devices; `undefined` for damaged metadata, which thin_check describes. */
async function censusOf(
  name: string,
  device: string,
  options: CallOptions,
): Promise<ThinCensus | undefined> {
  try {
    return await readThinDevices({ name, device }, options);
  } catch (error) {
    if (!isPoolError(error, 'ERR_POOL_METADATA')) throw error;
    return undefined;
  }
}

/** Every device whose name begins with the prefix of the directory. */
export async function gatherDevices(
  dm: DeviceMapper,
  { prefix }: Layout,
): Promise<readonly DeviceFacts[]> {
  const devices: DeviceFacts[] = [];
  for (const { name } of await dm.list()) {
    if (!name.startsWith(`${prefix}-`) && !name.startsWith(`${prefix}+`)) continue;
    try {
      const { info, targets } = await dm.table(name, { noFlush: true });
      devices.push({ info, thin: thinOf(targets) });
    } catch (error) {
      // Another process removed it.
      if (!isDmError(error, 'ENXIO')) throw error;
    }
  }
  return devices;
}

function thinOf(
  targets: readonly { readonly type: string; readonly params: string }[],
): DeviceFacts['thin'] {
  const [line] = targets;
  if (targets.length !== 1 || line!.type !== 'thin') return undefined;
  try {
    const { id, pool } = thin.parseParams(line!.params);
    return { id, pool };
  } catch {
    // A failed pool answers for its thin devices with "Fail" or "-".
    return undefined;
  }
}
