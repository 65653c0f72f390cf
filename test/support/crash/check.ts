// Checks every promise of a storage whose process was killed, after its recovery. The promises are the invariants I1 to I10.

import { createReadStream, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { inspect, isDeepStrictEqual } from 'node:util';
import { DeviceMapper } from '../../../src/index.ts';
import { loopsOf } from '../../../src/ioctl/index.ts';
import { layoutOf } from '../../../src/storage/directory/layout.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { mountedLayers } from '../../../src/storage/layers/mount-counts.ts';
import {
  type Asserts,
  checkDevices,
  checkPool,
  checkTransaction,
  checkUnchanged,
  readRecordFiles,
} from '../kernel/invariants.ts';
import { until } from '../until.ts';
import { readContent } from './content.ts';
import type { Program } from './kill-at.ts';
import type { Operation, State } from './operations.ts';

const show = (value: unknown): string =>
  inspect(value, { breakLength: Number.POSITIVE_INFINITY, maxStringLength: 300, depth: 5 });

function demand(holds: boolean, what: string, actual: unknown, expected: unknown): true {
  if (holds) return true;
  throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`);
}

/** Assertions that throw. */
export const strict: Asserts = {
  is: (actual, expected, what) => demand(Object.is(actual, expected), what, actual, expected),
  deepEqual: (actual, expected, what) =>
    demand(isDeepStrictEqual(actual, expected), what, actual, expected),
  notThrows: (task, what) => {
    try {
      task();
    } catch (error) {
      throw new Error(`${what}: ${(error as Error).message}`);
    }
    return true;
  },
};

/**
 * Check a storage that was opened once since its process was killed. In the end it is shut down.
 * @throws Error with the first broken promise
 */
export async function checkRecovered(
  operation: Operation,
  { root, steps, options }: Program,
  { acknowledged }: { readonly acknowledged: boolean },
): Promise<void> {
  const { after, unrecorded } = operation;
  await checkDevices(strict, root);
  await checkMounts(operation, root, acknowledged);
  const files = readRecordFiles(root);
  await using storage = await DevicemapperStorage.open({ root, storageOptions: options });
  checkUnchanged(strict, root, files);
  checkTransaction(strict, root, await storage.status());
  await checkLayers(operation, storage, acknowledged);
  await repeat(operation, steps, storage);
  const layers = Object.keys(after.layers).toSorted();
  strict.deepEqual(idsOf(storage), layers, 'I9: the layers after the operation is repeated');
  await checkContent(storage, after);
  await checkSizes(operation, storage);
  await unmountAll(storage);
  const status = await storage.status();
  await storage.shutdown();
  await checkPool(strict, root, {
    layers,
    status,
    ...(unrecorded && { unrecorded: [unrecorded] }),
  });
  await checkNothingLeft(root);
}

const idsOf = (storage: DevicemapperStorage): readonly string[] =>
  storage.layers().map(({ id }) => id);

/** Mounts outlive the process. An interrupted operation leaves what was mounted before it or what is mounted after it. */
async function checkMounts(
  { before, after, partial }: Operation,
  root: string,
  acknowledged: boolean,
): Promise<void> {
  const there = [...(await mountedLayers(await layoutOf(root)))];
  const states = acknowledged ? [after.mounted] : [before.mounted, after.mounted];
  // While a tar is unpacked, its layer is mounted.
  if (!acknowledged && partial !== undefined) states.push([partial]);
  const holds = states.some((mounted) => isDeepStrictEqual(mounted, there));
  demand(holds, 'I6: the mounted layers, one of', there, states);
}

async function checkLayers(
  { before, after, partial }: Operation,
  storage: DevicemapperStorage,
  acknowledged: boolean,
): Promise<void> {
  const ids = idsOf(storage);
  const states = (acknowledged ? [after] : [before, after]).map(({ layers }) =>
    Object.keys(layers).toSorted(),
  );
  demand(
    states.some((layers) => isDeepStrictEqual(layers, ids)),
    'I6: the layers, one of',
    ids,
    states,
  );
  if (partial === undefined) return;
  const old = before.layers[partial]!;
  const content = await contentOf(storage, partial);
  const kept = Object.fromEntries(Object.keys(old).map((path) => [path, content[path]]));
  strict.deepEqual(kept, old, `I7: the old files of ${partial}`);
}

async function contentOf(storage: DevicemapperStorage, id: string) {
  const content = readContent(await storage.mount(id));
  await storage.unmount(id);
  return content;
}

async function checkContent(storage: DevicemapperStorage, { layers }: State): Promise<void> {
  for (const [id, content] of Object.entries(layers)) {
    strict.deepEqual(await contentOf(storage, id), content, `I7: the content of ${id}`);
  }
}

/** Unmount every layer: a mounted filesystem writes at any time. */
async function unmountAll(storage: DevicemapperStorage): Promise<void> {
  for (const { id, mounts } of storage.layers()) {
    for (let left = mounts; left > 0; left--) await storage.unmount(id);
  }
}

/** Repeat the last step. A close and a shutdown need no repetition: the check itself ends with a shutdown. */
async function repeat(
  { before }: Operation,
  steps: Program['steps'],
  storage: DevicemapperStorage,
): Promise<void> {
  const [name, id, rest] = (steps.at(-1) ?? ['open']) as [string, string, unknown];
  const repetitions: Readonly<Record<string, () => Promise<unknown>>> = {
    open: () => sizeOfNew(storage),
    create: async () => {
      if (id in before.layers || !storage.exists(id)) await storage.create(id, rest as object);
    },
    mount: () => storage.mount(id),
    unmount: () => storage.unmount(id),
    remove: () => storage.remove(id),
    apply: () => storage.apply(id, undefined, createReadStream(rest as string)),
  };
  await repetitions[name]?.();
}

/** Create a layer on the base device, and remove it again. @returns the size of its filesystem in bytes */
async function sizeOfNew(storage: DevicemapperStorage): Promise<number> {
  await storage.create('probe');
  const { blocks, bsize } = statfsSync(await storage.mount('probe'));
  await storage.unmount('probe');
  await storage.remove('probe');
  return blocks * bsize;
}

/** A filesystem keeps some of its device for itself. */
const USABLE = 0.8;

async function checkSizes({ sizes }: Operation, storage: DevicemapperStorage): Promise<void> {
  if (sizes === undefined) return;
  const { baseSize: base, data, metadata } = await storage.status();
  const there = { base, data: data.total, metadata: metadata.total };
  strict.deepEqual({ ...there, ...sizes }, there, 'I9: the sizes');
  const size = await sizeOfNew(storage);
  demand(size > USABLE * Number(base), 'I9: the size of the filesystem', size, base);
}

async function checkNothingLeft(root: string): Promise<void> {
  const { prefix, loop } = await layoutOf(root);
  await using dm = await DeviceMapper.open();
  const devices = (await dm.list()).filter(({ name }) => name.startsWith(`${prefix}-`));
  strict.deepEqual(devices, [], 'I4: no device is left after a shutdown');
  for (const name of ['data', 'metadata']) {
    // The kernel detaches a loop device some time after its last close.
    const isDetached = async () => (await loopsOf(join(loop, name))).length === 0;
    await until(`no loop device of the pool's ${name}`, isDetached);
  }
}
