// New layers: snapshots of their parents, possibly larger.

import type { CallOptions } from '../dm/options.ts';
import { type BytesInput, bytes } from '../dm/units.ts';
import type { StorageContext } from './context.ts';
import { activateLayer, deactivateLayer } from './devices.ts';
import { StorageError } from './errors.ts';
import { growFilesystem, SURE_GROWTH } from './filesystem.ts';
import { readFilesystemHeader } from './filesystem-header.ts';
import { BASE, layerWords } from './layout.ts';
import type { LayerRecord } from './records.ts';
import type { Transactions } from './transactions.ts';

/** Bytes. */
const SECTOR = 512n;

type Parts = StorageContext & { readonly transactions: Transactions };

/** What a new layer is to be. */
export interface LayerRequest extends CallOptions {
  /** The layer it is a snapshot of; `''` or nothing is the base device. */
  readonly parent?: string | undefined;
  /** Bytes, whole sectors and at least what the parent has. @default what the parent has */
  readonly size?: BytesInput | undefined;
}

/**
 * Make a layer; nobody else may have it or its parent meanwhile. One that is to be larger than its parent does not count
 * before `completeLayer`.
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
    throw wrongSize(id, `${size} bytes are no whole number of sectors of ${SECTOR}`);
  }
  await transactions.settle({ signal });
  const existing = records.get(id);
  if (existing !== undefined) throw taken(id, existing);
  const origin = liveRecord(parts, parent);
  const wanted = size ?? origin.size;
  if (wanted < origin.size) {
    throw wrongSize(
      id,
      `it cannot have ${wanted} bytes: ${layerWords(parent)} has ${origin.size}`,
      'A layer has at least the size of its parent',
    );
  }
  const grows = wanted > origin.size;
  // As long as its filesystem has not grown along, it does not count: after a crash it is deleted.
  const layer = { size: wanted, origin: origin.deviceId, deleted: grows, signal };
  return transactions.make(id, layer);
}

const wrongSize = (id: string, problem: string, hint?: string): StorageError =>
  new StorageError({ code: 'ERR_LAYER_SIZE', subject: layerWords(id), problem, hint });

function taken(id: string, { deleted }: LayerRecord): StorageError {
  return new StorageError({
    code: deleted ? 'ERR_LAYER_DELETED' : 'ERR_LAYER_EXISTS',
    subject: layerWords(id),
    problem: deleted
      ? 'one of that id has been removed, and is still in use'
      : 'there is one of that id already',
    hint: deleted ? undefined : 'It is used as it is: "dmts storage mount" mounts it',
  });
}

/** The record of a layer that can be used. @throws StorageError ERR_LAYER_MISSING, ERR_LAYER_DELETED */
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
      problem: 'it has been removed, and goes as soon as nobody uses it any more',
    });
  }
  return record;
}

/**
 * Grow the filesystem of a layer that is larger than its parent, and have it count; nobody else may have the layer
 * meanwhile. If that fails, nothing is left of it.
 * @throws StorageError ERR_STORAGE_FILESYSTEM, ERR_STORAGE_PROGRAM; ERR_LAYER_SIZE when the filesystem cannot grow by so little
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
        problem: `there is no ext4 or xfs filesystem on ${path} that could grow`,
      });
    }
    await growFilesystem(path, header.type, { signal });
    if (((await readFilesystemHeader(path))?.size ?? 0n) <= header.size) {
      throw wrongSize(
        id,
        `its ${header.type} filesystem cannot grow by so little: it has ${header.size} bytes, and a size of ${record.size} leaves too few for it`,
        `Leave the size away, or give at least ${record.size + SURE_GROWTH}`,
      );
    }
    await deactivateLayer(parts, id, { deferred: false });
    await parts.records.write(id, { ...record, deleted: false });
  } catch (error) {
    await deactivateLayer(parts, id, { deferred: false }).catch(() => undefined);
    // If that fails, too: it is marked as deleted, and goes later.
    await parts.transactions.unmake(id, record).catch(() => undefined);
    throw error;
  }
}
