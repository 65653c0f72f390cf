// Creates layers: snapshots of their parents, possibly larger.

import { holdersHint } from '../../block/holders.ts';
import type { CallOptions } from '../../dm/device/options.ts';
import { type BytesInput, bytes, SECTOR } from '../../dm/text/units.ts';
import { attempt } from '../../ioctl/input/attempt.ts';
import { StorageError } from '../config/errors.ts';
import { BASE, deviceName, layerWords } from '../directory/layout.ts';
import type { LayerRecord } from '../directory/records.ts';
import type { Transactions } from '../directory/transactions.ts';
import { growFilesystem, SURE_GROWTH } from '../filesystem/filesystem.ts';
import { readFilesystemHeader } from '../filesystem/filesystem-header.ts';
import type { StorageContext } from './context.ts';
import { activateLayer, deactivateLayer } from './devices.ts';

type Parts = StorageContext & { readonly transactions: Transactions };

/** How a layer is created. */
export interface LayerRequest extends CallOptions {
  /** The parent layer. @default the base device, which `''` names as well */
  readonly parent?: string | undefined;
  /** Size in bytes: whole sectors, at least the parent's size. @default the parent's size */
  readonly size?: BytesInput | undefined;
}

/** How a layer of an open storage is created. */
export interface CreateLayerOptions extends LayerRequest {
  /** SELinux label of the layer's mounts by this object, unless `mount` gets another one. */
  readonly mountLabel?: string | undefined;
}

/**
 * Creates a layer. The caller holds the locks of the layer and its parent. A layer that is larger than its parent is not
 * complete before `completeLayer`.
 * @throws StorageError ERR_LAYER_EXISTS, ERR_LAYER_DELETED, ERR_LAYER_MISSING, ERR_LAYER_SIZE; PoolError ERR_POOL_FULL
 */
export async function createLayer(
  parts: Parts,
  id: string,
  { parent = BASE, size: asked, signal }: LayerRequest,
): Promise<LayerRecord> {
  const size = asked === undefined ? undefined : bytes(asked, 'size');
  const { records, transactions } = parts;
  if (size !== undefined && size % SECTOR !== 0n) {
    throw wrongSize(id, `invalid size: expected a multiple of ${SECTOR} bytes, got ${size}`);
  }
  await transactions.settle({ signal });
  const existing = records.get(id);
  if (existing !== undefined) throw await taken(parts, id, existing);
  const origin = liveRecord(parts, parent);
  const wanted = size ?? origin.size;
  if (wanted < origin.size) {
    throw wrongSize(
      id,
      `invalid size: expected at least the ${origin.size} bytes of ${layerWords(parent)}, got ${wanted}`,
      'A layer has at least the size of its parent',
    );
  }
  const grows = wanted > origin.size;
  // Until its filesystem has grown, the layer is recorded as deleted: after a crash it is deleted.
  const layer = { size: wanted, origin: origin.deviceId, deleted: grows, signal };
  return transactions.create(id, layer);
}

const wrongSize = (id: string, problem: string, hint?: string): StorageError =>
  new StorageError({ code: 'ERR_LAYER_SIZE', subject: layerWords(id), problem, hint });

async function taken(
  { dm, layout }: Parts,
  id: string,
  { deleted }: LayerRecord,
): Promise<StorageError> {
  const info = deleted ? await attempt(() => dm.info(deviceName(layout, id))) : undefined;
  return new StorageError({
    code: deleted ? 'ERR_LAYER_DELETED' : 'ERR_LAYER_EXISTS',
    subject: layerWords(id),
    problem: deleted
      ? 'a layer with this id is removed but still in use'
      : 'a layer with this id already exists',
    hint: deleted
      ? await holdersHint(info?.dev)
      : 'To mount the existing layer, run "dmts storage mount"',
  });
}

/** The record of a layer that is not deleted. @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED */
export function liveRecord(
  { records }: { readonly records: Pick<ReadonlyMap<string, LayerRecord>, 'get'> },
  id: string,
): LayerRecord {
  const record = records.get(id);
  if (record === undefined) {
    throw new StorageError({
      code: 'ERR_LAYER_MISSING',
      subject: layerWords(id),
      problem: 'there is no such layer',
    });
  }
  if (record.deleted) {
    throw new StorageError({
      code: 'ERR_LAYER_DELETED',
      subject: layerWords(id),
      problem: 'it is removed, and is deleted when its last holder has gone',
    });
  }
  return record;
}

/**
 * Grows the filesystem of a layer that is larger than its parent, and marks the layer as complete. The caller holds the
 * lock of the layer. On failure the layer is deleted.
 * @throws StorageError ERR_STORAGE_FILESYSTEM, ERR_STORAGE_PROGRAM; ERR_LAYER_SIZE when the growth is too small for the
 * filesystem
 */
export async function completeLayer(
  parts: Parts,
  id: string,
  record: LayerRecord,
  { signal }: CallOptions,
): Promise<void> {
  if (!record.deleted) return;
  try {
    const { path } = await activateLayer(parts, id, record, { signal });
    const header = await readFilesystemHeader(path);
    if (header === undefined) {
      throw new StorageError({
        code: 'ERR_STORAGE_FILESYSTEM',
        subject: layerWords(id),
        problem: `cannot grow its filesystem: found no ext4 or xfs filesystem on ${path}`,
      });
    }
    await growFilesystem(path, header.type, { signal });
    if (((await readFilesystemHeader(path))?.size ?? 0n) <= header.size) {
      throw wrongSize(
        id,
        `cannot grow its ${header.type} filesystem from ${header.size} bytes to ${record.size}: the filesystem cannot use so small a growth`,
        `Omit the size, or give at least ${record.size + SURE_GROWTH}`,
      );
    }
    await deactivateLayer(parts, id, { deferred: false });
    await parts.records.write(id, { ...record, deleted: false });
  } catch (error) {
    await deactivateLayer(parts, id, { deferred: false }).catch(() => undefined);
    // If this fails as well, the layer stays marked as deleted, and is deleted later.
    await parts.transactions.delete(id, record).catch(() => undefined);
    throw error;
  }
}
