// What a storage directory and its pool must be between two operations.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceMapper } from '../../../src/index.ts';
import { isLeftover } from '../../../src/storage/directory/durable-file.ts';
import {
  idOfRecord,
  type Layout,
  poolName,
  TRANSACTION_FILE,
} from '../../../src/storage/directory/layout.ts';
import { layerKind, transactionKind } from '../../../src/storage/directory/records.ts';
import { GROWTH_PREFIX } from '../../../src/storage/filesystem/filesystem.ts';
import { VIEW_PREFIX } from '../../../src/storage/view/leftovers.ts';
import { readThinDevices } from '../../../src/thin/metadata/device-details.ts';
import { readMetadata } from '../../../src/thin/metadata/superblock.ts';
import { PoolView } from '../../../src/thin/pool/view.ts';
import { until } from '../until.ts';

/** Devices whose names begin with `prefix` that are suspended, have no table, or an inactive one. */
export async function wrongDevices(dm: DeviceMapper, prefix: string): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { name } of await dm.list()) {
    if (!name.startsWith(prefix)) continue;
    const { suspended, live, inactive } = await dm.info(name);
    if (suspended) wrong.push(`${name} is suspended`);
    if (!live) wrong.push(`${name} has no table`);
    if (inactive) wrong.push(`${name} has an inactive table`);
  }
  return wrong;
}

/** The files below a directory that are attached to loop devices. */
const attachedBelow = (directory: string): readonly string[] =>
  readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .flatMap((name) => {
      try {
        return [readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8').trim()];
      } catch {
        return []; // Nothing is attached.
      }
    })
    .filter((file) => file.startsWith(`${directory}/`));

/** Waits until `count` loop devices are attached to files below a directory. The kernel detaches one after its last close. */
export async function wrongLoops(directory: string, count: number): Promise<readonly string[]> {
  const found = await until('the loop devices', () => attachedBelow(directory).length === count)
    .then(() => undefined)
    .catch(() => attachedBelow(directory));
  return found === undefined ? [] : [`${found.length} loop devices, expected ${count}: ${found}`];
}

/** Directories of interrupted growths and views. */
const strayDirectories = (): readonly string[] =>
  readdirSync(tmpdir()).filter(
    (name) => name.startsWith(GROWTH_PREFIX) || name.startsWith(VIEW_PREFIX),
  );

/** The records of a storage directory: the thin ids of its layers, and the transaction id. */
function recordsOf({ metadata }: Layout) {
  const names = readdirSync(metadata).filter((name) => name !== 'lost+found');
  const layers = names.filter((name) => idOfRecord(name) !== undefined);
  const read = (name: string): string => readFileSync(join(metadata, name), 'utf8');
  return {
    ids: layers.map((name) => layerKind.parse(read(name)).deviceId),
    transactionId: names.includes(TRANSACTION_FILE)
      ? transactionKind.parse(read(TRANSACTION_FILE)).openId
      : undefined,
    leftovers: names.filter(isLeftover),
  };
}

const sorted = (ids: Iterable<number>): string => [...ids].toSorted((a, b) => a - b).join(' ');

/** Compares the records with the metadata of the pool on `device`. */
export async function wrongRecords(
  layout: Layout,
  device: string = join(layout.loop, 'metadata'),
): Promise<readonly string[]> {
  const content = existsSync(device) ? await readMetadata(device) : { state: 'missing' as const };
  const recorded = recordsOf(layout);
  if (content.state !== 'pool') {
    return recorded.ids.length === 0 ? [] : [`records, and metadata that is ${content.state}`];
  }
  const ids = [...(await readThinDevices({ name: 'pool', device })).keys()];
  const { transactionId } = content.superblock;
  const wrong = recorded.leftovers.map((name) => `a file ${name}`);
  if (sorted(recorded.ids) !== sorted(ids)) {
    wrong.push(`thin ids ${sorted(ids)}, recorded ${sorted(recorded.ids)}`);
  }
  if (recorded.transactionId !== undefined && transactionId !== recorded.transactionId) {
    wrong.push(`transaction id ${transactionId}, recorded ${recorded.transactionId}`);
  }
  return wrong;
}

/** A pool without a table has no loop devices, and its metadata is in its file. */
const isLive = async (dm: DeviceMapper, name: string): Promise<boolean> =>
  (await dm.exists(name)) && (await dm.info(name)).live;

const metadataPath = async (dm: DeviceMapper, layout: Layout): Promise<string> =>
  (await PoolView.open(dm, poolName(layout))).metadataPath();

/** Everything that is wrong with a storage directory, one sentence each. */
export async function wrongStorage(dm: DeviceMapper, layout: Layout): Promise<readonly string[]> {
  const isActive = await isLive(dm, poolName(layout));
  return [
    ...(await wrongDevices(dm, layout.prefix)),
    ...(await wrongLoops(layout.root, isActive ? 2 : 0)),
    ...(await wrongRecords(layout, isActive ? await metadataPath(dm, layout) : undefined)),
    ...strayDirectories().map((name) => `a directory ${name}`),
  ];
}
