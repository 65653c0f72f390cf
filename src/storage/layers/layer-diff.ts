// The changes of a layer as a list or as a tar, and a tar unpacked into a layer. The layers are mounted meanwhile.
// Source: daemon/graphdriver/fsdiff.go of moby.

import { Readable } from 'node:stream';
import type { CallOptions } from '../../dm/device/options.ts';
import { syncFilesystem } from '../../ioctl/file/sync.ts';
import { withCleanup, yieldWithCleanup } from '../../ioctl/input/attempt.ts';
import type { AppliedDiff } from '../diff/apply/unpack-tar.ts';
import { applyDiff } from '../diff/apply-diff.ts';
import { type Change, changes, diffSize } from '../diff/changes.ts';
import { packDiff } from '../diff/pack-diff.ts';
import type { CompareOptions, DiffOptions, PackOptions } from '../diff/tree/options.ts';
import { BASE } from '../directory/layout.ts';
import type { MountLayerOptions } from './layer-mount.ts';
import type { Operations } from './operations.ts';

/** How a storage mounts and unmounts layers. */
export interface LayerMounts {
  readonly mount: (id: string, options?: MountLayerOptions) => Promise<string>;
  readonly unmount: (id: string, options?: CallOptions) => Promise<void>;
}

/** Mounts a layer and its parent, and runs `task` with the paths of their contents. An empty `parent` means none. */
async function* whileMounted<T>(
  storage: LayerMounts,
  [id, parent = BASE]: readonly [id: string, parent?: string | undefined],
  task: (upper: string, lower: string | undefined) => AsyncIterable<T>,
  { signal }: CallOptions,
): AsyncGenerator<T, void, void> {
  const upper = await storage.mount(id, { signal });
  async function* read(): AsyncGenerator<T, void, void> {
    if (parent === BASE) return yield* task(upper, undefined);
    const lower = await storage.mount(parent, { signal });
    yield* yieldWithCleanup(task(upper, lower), () => storage.unmount(parent));
  }
  yield* yieldWithCleanup(read(), () => storage.unmount(id));
}

async function* once<T>(value: Promise<T>): AsyncGenerator<T, void, void> {
  yield await value;
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/**
 * The changes of a layer since its parent, sorted by path. All are found before the first is yielded, so that a caller
 * that stops early leaves nothing mounted and does not delay a close.
 */
export async function* layerChanges(
  storage: LayerMounts,
  operations: Operations,
  [id, parent]: readonly [id: string, parent?: string | undefined],
  options: CompareOptions,
): AsyncGenerator<Change, void, void> {
  const find = () =>
    collect(
      whileMounted(
        storage,
        [id, parent],
        (upper, lower) => changes(upper, lower, options),
        options,
      ),
    );
  yield* await operations.run(find);
}

/** The changes as a tar. The layers are mounted while it is read. */
export const layerTar = (
  storage: LayerMounts,
  id: string,
  parent: string | undefined,
  options: PackOptions,
): Readable =>
  Readable.from(
    whileMounted(
      storage,
      [id, parent],
      (upper, lower) => packDiff(upper, lower, options) as AsyncIterable<Buffer>,
      options,
    ),
    { objectMode: false },
  );

/** The bytes of the files that differ. */
export async function layerDiffSize(
  storage: LayerMounts,
  id: string,
  parent: string | undefined,
  options: CompareOptions,
): Promise<bigint> {
  const sizes = whileMounted(
    storage,
    [id, parent],
    (upper, lower) => once(diffSize(upper, lower, options)),
    options,
  );
  let size = 0n;
  for await (const found of sizes) size = found;
  return size;
}

/**
 * Unpacks a tar into a layer. The content is on disk before the call returns: another holder of the mount can delay the write
 * that an unmount implies.
 */
export async function applyToLayer(
  storage: LayerMounts,
  id: string,
  tar: Readable,
  options: DiffOptions,
): Promise<AppliedDiff> {
  const content = await storage.mount(id, options);
  return withCleanup(
    async () => {
      const applied = await applyDiff(content, tar, options);
      await syncFilesystem(content, options);
      return applied;
    },
    () => storage.unmount(id),
  );
}
