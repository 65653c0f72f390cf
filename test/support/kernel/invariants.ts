// Invariants of a storage directory after a process that worked on it has died at any point.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { DeviceMapper } from '../../../src/index.ts';
import { layoutOf } from '../../../src/storage/directory/layout.ts';
import { layerKind, transactionKind } from '../../../src/storage/directory/records.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { metadataTool } from './thin.ts';

/** Every file of `metadata` with its content and modification time. */
function stateOf(root: string): Readonly<Record<string, string>> {
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
  t: ExecutionContext,
  root: string,
  storageOptions: readonly string[],
  metadata: string = join(root, 'devicemapper', 'metadata'),
): Promise<readonly string[]> {
  const open = () => DevicemapperStorage.open({ root, storageOptions });
  const first = await open();
  const layout = await layoutOf(root);
  await first.deletePending();
  const layers = first.layers().map(({ id }) => id);
  await first.close();

  const state = stateOf(root);
  const second = await open();
  await second.close();
  t.deepEqual(stateOf(root), state, 'I1: opening it again changes nothing');

  await using dm = await DeviceMapper.open();
  for (const { name } of await dm.list()) {
    if (!name.startsWith(`${layout.prefix}-`)) continue;
    const { suspended, live, inactive } = await dm.info(name);
    t.deepEqual(
      { suspended, live, inactive },
      { suspended: false, live: true, inactive: false },
      `I4: ${name}`,
    );
  }

  const last = await open();
  const { data, blockSize, transactionId } = await last.status();
  await last.shutdown();
  const records = Object.keys(state).filter((name) => !SPECIAL.includes(name));
  const unknown = records.filter((name) => name !== 'base' && !layers.includes(name));
  t.deepEqual(unknown, [], 'I10: no unknown file');
  const recorded = records.map(
    (name) => layerKind.parse(readFileSync(join(layout.metadata, name), 'utf8')).deviceId,
  );
  const { ids, used } = readDump(metadataTool('thin_dump', metadata));
  t.deepEqual(ids, recorded.toSorted(byValue), 'I2: the pool has exactly the recorded devices');
  if ('transaction-metadata' in state) {
    const text = readFileSync(join(layout.metadata, 'transaction-metadata'), 'utf8');
    t.is(
      transactionKind.parse(text).openId,
      transactionId,
      'I3: the transaction id is the recorded one',
    );
  }
  t.notThrows(() => metadataTool('thin_check', metadata), 'I5: thin_check finds nothing');
  t.is(data.used, BigInt(used) * blockSize, 'I8: the used blocks are the mapped blocks');
  return layers;
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
