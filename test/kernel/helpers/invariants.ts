// What must hold of a storage directory after a process that worked on it has died, whenever that was.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { DeviceMapper, DevicemapperStorage, ThinPool } from '../../../src/index.ts';
import { layoutOf, poolName } from '../../../src/storage/layout.ts';
import { layerKind, transactionKind } from '../../../src/storage/records.ts';
import { metadataTool } from './thin.ts';

/** Every file of `metadata` with its content and time. */
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

const SPECIAL: readonly string[] = ['deviceset-metadata', 'transaction-metadata'];

/**
 * Open what a process left, and see that it is right: I1 to I5 and I10 of crash safety. The pool is taken down in the end.
 * @returns the layers there are
 */
export async function checkInvariants(
  t: ExecutionContext,
  root: string,
  storageOptions: readonly string[],
): Promise<readonly string[]> {
  const layout = await layoutOf(root);
  const open = () => DevicemapperStorage.open({ root, storageOptions });
  const first = await open();
  await first.deletePending();
  const layers = first.layers().map(({ id }) => id);
  await first.close();

  const state = stateOf(root);
  const second = await open();
  await second.close();
  t.deepEqual(stateOf(root), state, 'I1: opening it again changes nothing');

  await using dm = await DeviceMapper.open();
  const pool = await ThinPool.open(dm, poolName(layout));
  const status = await pool.status();
  t.is(status.state, 'working');
  if (status.state !== 'working') return layers;

  const records = Object.keys(state).filter((name) => !SPECIAL.includes(name));
  const recorded = records.map(
    (name) => layerKind.parse(readFileSync(join(layout.metadata, name), 'utf8')).deviceId,
  );
  const there: number[] = [];
  for await (const { id } of pool.thins()) there.push(id);
  t.deepEqual(
    there.toSorted(),
    recorded.toSorted(),
    'I2: the pool has the thin devices that are recorded',
  );

  if ('transaction-metadata' in state) {
    const text = readFileSync(join(layout.metadata, 'transaction-metadata'), 'utf8');
    t.is(
      transactionKind.parse(text).openId,
      status.transactionId,
      'I3: the transaction id is the recorded one',
    );
  }
  for (const { name } of await dm.list()) {
    if (!name.startsWith(`${layout.prefix}-`)) continue;
    const { suspended, live, inactive } = await dm.info(name);
    t.deepEqual(
      { suspended, live, inactive },
      { suspended: false, live: true, inactive: false },
      `I4: ${name}`,
    );
  }
  const unknown = records.filter((name) => name !== 'base' && !layers.includes(name));
  t.deepEqual(unknown, [], 'I10: no file that is about nothing');

  await (await open()).shutdown();
  t.is(metadataTool('thin_check', join(layout.loop, 'metadata')).includes('error'), false, 'I5');
  return layers;
}
