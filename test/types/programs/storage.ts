// A program that runs containers on a storage: an image from a tar, a layer on it, and the layer's changes as a tar.

import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parseSize } from 'dmts';
import {
  type AppliedDiff,
  applyDiff,
  type Change,
  type ChangeKind,
  changes,
  checkLayerName,
  DevicemapperStorage,
  DiffError,
  type DiffOptions,
  diffSize,
  isDiffError,
  isStorageError,
  type LayerInfo,
  packDiff,
  parseStorageOptions,
  STORAGE_OPTION_NAMES,
  StorageError,
  type StorageOptions,
  StorageView,
} from 'dmts/storage';

const WORDS: readonly string[] = ['dm.basesize=20G', 'dm.fs=ext4'];
const SIGN: Readonly<Record<ChangeKind, string>> = { added: '+', modified: '~', deleted: '-' };

/** Rejects what `open` would reject, before anything is changed. */
export function checkOptions(): StorageOptions {
  for (const word of WORDS) {
    const [name = ''] = word.split('=');
    if (!STORAGE_OPTION_NAMES.some((known) => known === name)) throw new Error(`no option ${name}`);
  }
  return parseStorageOptions(WORDS);
}

async function unpack(storage: DevicemapperStorage, id: string, tar: string): Promise<AppliedDiff> {
  const options: DiffOptions = { onProgress: ({ entries }) => console.log(entries) };
  await storage.create(id);
  return storage.apply(id, undefined, createReadStream(tar), options);
}

export async function main(tar: string): Promise<void> {
  const storage = await DevicemapperStorage.open({
    root: '/srv/layers',
    storageOptions: WORDS,
    signal: AbortSignal.timeout(60_000),
  });
  try {
    if (!storage.exists('image')) {
      const { bytes, leftOut } = await unpack(storage, 'image', tar);
      console.log(bytes, leftOut.length);
    }
    await storage.create('web', { parent: 'image', size: parseSize('30G') });
    const path: string = await storage.mount('web');
    console.log(path);
    for await (const { kind, path: changed } of storage.changes('web', 'image'))
      console.log(SIGN[kind], changed);
    await pipeline(await storage.diff('web', 'image'), createWriteStream('web.tar'));
    await storage.unmount('web');
    const { data, metadata } = await storage.status();
    console.log(data.available, metadata.available);
    await storage.remove('web');
  } catch (error) {
    console.error(explain(error));
  } finally {
    await storage.close();
  }
}

function explain(error: unknown): string {
  if (isStorageError(error, 'ERR_STORAGE_LOCKED', 'ERR_LAYER_BUSY')) return error.hint ?? '';
  if (error instanceof StorageError) return `${error.code}: ${error.subject}`;
  if (isDiffError(error, 'ERR_DIFF_TAR')) return 'the tar is damaged';
  if (error instanceof DiffError) return `${error.code}: ${error.entry ?? ''}`;
  throw error;
}

/** What a directory contains, without a change to it. */
export async function look(root: string): Promise<readonly LayerInfo[]> {
  const view: StorageView = await StorageView.open({ root });
  const same: StorageView = await DevicemapperStorage.open({ root, readOnly: true });
  try {
    const { poolState, pending } = await view.status();
    console.log(poolState, pending?.deviceId, same.notices);
    return view.layers();
  } finally {
    await same.close();
    await view.close();
  }
}

/** Two directories, without a storage. */
export async function trees(upper: string, lower: string): Promise<bigint> {
  const found: Change[] = [];
  for await (const change of changes(upper, lower)) found.push(change);
  checkLayerName(`tree-${found.length}`);
  await applyDiff(lower, packDiff(upper, lower));
  return diffSize(upper, lower);
}
