// Invariants of a storage directory after a process that worked on it has died at any point.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DeviceMapper } from '../../../src/index.ts';
import { attachLoop, detachLoop } from '../../../src/ioctl/index.ts';
import { layoutOf } from '../../../src/storage/directory/layout.ts';
import { layerKind, transactionKind } from '../../../src/storage/directory/records.ts';
import { DevicemapperStorage, type StorageStatus } from '../../../src/storage/index.ts';
import { readFirstSector } from './device-io.ts';
import { output } from './scratch.ts';

/** The assertions that the invariants use: those of a test, or some that throw. */
export interface Asserts {
  is(actual: unknown, expected: unknown, what: string): unknown;
  deepEqual(actual: unknown, expected: unknown, what: string): unknown;
  notThrows(task: () => unknown, what: string): unknown;
}

/** The files of `metadata`, each with its modification time and its content. */
export type RecordFiles = Readonly<Record<string, string>>;

/** Reads the files of `metadata`. */
export function readRecordFiles(root: string): RecordFiles {
  const directory = join(root, 'metadata');
  return Object.fromEntries(
    readdirSync(directory)
      .toSorted()
      .map((name) => {
        const path = join(directory, name);
        return [name, `${statSync(path, { bigint: true }).mtimeNs} ${readFileSync(path, 'utf8')}`];
      }),
  );
}

const SPECIAL: readonly string[] = ['.reserve', 'deviceset-metadata', 'transaction-metadata'];

/**
 * Open the directory that a process left, check I1 to I5, I8 and I10 of crash safety, and shut the pool down.
 * @param metadata the file or the device of the pool's metadata
 * @returns the ids of the layers
 */
export async function checkInvariants(
  t: Asserts,
  root: string,
  storageOptions: readonly string[],
  metadata: string = join(root, 'devicemapper', 'metadata'),
): Promise<readonly string[]> {
  const open = () => DevicemapperStorage.open({ root, storageOptions });
  const first = await open();
  await first.deletePending();
  const layers = first.layers().map(({ id }) => id);
  await first.close();

  const files = readRecordFiles(root);
  const second = await open();
  await second.close();
  checkUnchanged(t, root, files);
  await checkDevices(t, root);

  const last = await open();
  const status = await last.status();
  await last.shutdown();
  checkTransaction(t, root, status);
  await checkPool(t, root, { layers, status, metadata });
  return layers;
}

/** Check that an open of a recovered directory has changed no record. */
export function checkUnchanged(t: Asserts, root: string, files: RecordFiles): void {
  t.deepEqual(readRecordFiles(root), files, 'I1: opening it again changes nothing');
}

/** Check that no device is suspended or incomplete. */
export async function checkDevices(t: Asserts, root: string): Promise<void> {
  const { prefix } = await layoutOf(root);
  await using dm = await DeviceMapper.open();
  for (const { name } of await dm.list()) {
    if (!name.startsWith(`${prefix}-`)) continue;
    const { suspended, live, inactive } = await dm.info(name);
    t.deepEqual(
      { suspended, live, inactive },
      { suspended: false, live: true, inactive: false },
      `I4: ${name}`,
    );
  }
}

/** Check that the pool has the recorded transaction id. */
export function checkTransaction(
  t: Asserts,
  root: string,
  { transactionId }: Pick<StorageStatus, 'transactionId'>,
): void {
  const { 'transaction-metadata': text } = readRecordFiles(root);
  if (text === undefined) return;
  const { openId } = transactionKind.parse(text.slice(text.indexOf(' ') + 1));
  t.is(openId, transactionId, 'I3: the transaction id is the recorded one');
}

/** The expected content of an inactive pool. */
export interface ExpectedPool {
  /** The ids of the layers. */
  readonly layers: readonly string[];
  /** The status before the pool was deactivated. */
  readonly status: Pick<StorageStatus, 'data' | 'blockSize'>;
  /** Thin ids that no record names. @default [] */
  readonly unrecorded?: readonly number[];
  /** The file or the device of the metadata. @default the file in the directory */
  readonly metadata?: string;
}

/** Check that the metadata of an inactive pool is sound, and has the recorded thin devices and no others. */
export async function checkPool(
  t: Asserts,
  root: string,
  { layers, status, unrecorded = [], metadata = join(root, 'devicemapper/metadata') }: ExpectedPool,
): Promise<void> {
  const directory = join(root, 'metadata');
  const records = readdirSync(directory).filter((name) => !SPECIAL.includes(name));
  const unknown = records.filter((name) => name !== 'base' && !layers.includes(name));
  t.deepEqual(unknown, [], 'I10: no unknown file');
  const recorded = records.map(
    (name) => layerKind.parse(readFileSync(join(directory, name), 'utf8')).deviceId,
  );
  // The tools bypass the page cache, which does not work for a file on tmpfs before Linux 6.6.
  const loop = await attachLoop(metadata, { readOnly: true });
  let dump = '';
  try {
    t.notThrows(() => output('thin_check', '--quiet', loop.path), 'I5: thin_check finds nothing');
    t.is(readFlags(loop.path), 0, 'I5: the metadata has no flag, such as needs_check');
    dump = output('thin_dump', loop.path);
  } finally {
    await detachLoop(loop.path);
  }
  const { ids, used } = readDump(dump);
  const reused = recorded.filter((id) => unrecorded.includes(id));
  t.deepEqual(reused, [], 'I2: no layer has the thin id of an unrecorded thin device');
  const expected = [...recorded, ...unrecorded].toSorted(byValue);
  t.deepEqual(ids, expected, 'I2: the pool has exactly the recorded devices');
  const bytes = BigInt(used) * status.blockSize;
  t.is(status.data.used, bytes, 'I8: the used blocks are the mapped blocks');
}

/** Source: thin_disk_superblock in drivers/md/dm-thin-metadata.c. */
function readFlags(device: string): number {
  return readFirstSector(device).readUInt32LE(4);
}

const byValue = (a: number, b: number): number => a - b;

/** The thin ids of a thin_dump, and the number of mapped data blocks. */
function readDump(dump: string): { readonly ids: readonly number[]; readonly used: number } {
  const ids = [...dump.matchAll(/<device dev_id="(\d+)"/g)].map(([, id]) => Number(id));
  const blocks = new Set<number>();
  for (const [, block] of dump.matchAll(/<single_mapping [^>]*data_block="(\d+)"/g)) {
    blocks.add(Number(block));
  }
  for (const [, begin, length] of dump.matchAll(
    /<range_mapping [^>]*data_begin="(\d+)" length="(\d+)"/g,
  )) {
    for (let at = 0; at < Number(length); at++) blocks.add(Number(begin) + at);
  }
  return { ids: ids.toSorted(byValue), used: blocks.size };
}
