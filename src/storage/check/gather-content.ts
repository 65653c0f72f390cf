// Reads what is in the pool: the filesystem of the base device, and the metadata with thin_check. Read-only: an inactive pool
// is activated with `read_only` on read-only loop devices, and deactivated again.

import type { CallOptions } from '../../dm/device/options.ts';
import { thin } from '../../dm/targets/provisioning/thin.ts';
import { SECTOR } from '../../dm/text/units.ts';
import { withCleanup } from '../../ioctl/input/attempt.ts';
import { DmtsError } from '../../ioctl/input/dmts-error.ts';
import { ActiveThins } from '../../thin/devices/active-thins.ts';
import { readCommitted } from '../../thin/metadata/committed.ts';
import { thinCheck } from '../../thin/tools/tools.ts';
import type { LayerRecord } from '../directory/records.ts';
import { readFilesystemHeader } from '../filesystem/filesystem-header.ts';
import { awaitRemoved, closeViewPool, openViewPool, type ViewPool } from '../view/held-pool.ts';
import { viewThinName } from '../view/leftovers.ts';
import type { ViewPoolRequest } from '../view/view-pool.ts';
import type { PoolFacts, StorageFacts } from './facts.ts';

/** How the content is read. `notice` gets a sentence about what cannot be read. */
export interface ContentRequest extends CallOptions {
  readonly notice: (text: string) => void;
}

/** The filesystem of the base device; `undefined` if the base device cannot be read. */
export async function gatherBase(
  request: ViewPoolRequest,
  { census, info }: PoolFacts,
  base: LayerRecord | undefined,
  { notice, signal }: ContentRequest,
): Promise<StorageFacts['base']> {
  if (!base?.initialized || base.deleted || !census?.has(base.deviceId)) return undefined;
  // A read from a suspended pool would block.
  if (info?.suspended) return undefined;
  try {
    const held = await openViewPool(request, { signal });
    return await withCleanup(
      () => readBase(request, held, base, { notice, signal }),
      () => closeViewPool(held, notice),
    );
  } catch (error) {
    if (!(error instanceof DmtsError)) throw error;
    notice(`the base device was not read: ${error.message}`);
    return undefined;
  }
}

async function readBase(
  { dm, layout }: ViewPoolRequest,
  { pool }: ViewPool,
  { deviceId, size }: LayerRecord,
  { notice, signal }: ContentRequest,
): Promise<StorageFacts['base']> {
  const active = await new ActiveThins(pool).find(deviceId);
  if (active?.suspended) return undefined;
  // A device without a live table has no node.
  if (active?.live) return { header: await readFilesystemHeader(active.path) };
  const name = viewThinName(layout, deviceId);
  const table = [thin({ length: size / SECTOR, pool: pool.path, id: deviceId })];
  const { path } = await dm.create(name, { table, readOnly: true, signal });
  return withCleanup(
    async () => ({ header: await readFilesystemHeader(path) }),
    () => awaitRemoved(dm, name, notice),
  );
}

/** What thin_check says about the last commit of the metadata; `undefined` if it finds nothing. */
export async function gatherDamage(
  name: string,
  metadata: string,
  { notice, signal }: ContentRequest,
): Promise<string | undefined> {
  try {
    const place = { name, device: metadata };
    const check = (path: string) => thinCheck(path, { signal });
    const { ok, text } = await readCommitted(place, check, { signal });
    return ok ? undefined : text.trim();
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof DmtsError)) throw error;
    notice(`thin_check did not run: ${error.message}`);
    return undefined;
  }
}
