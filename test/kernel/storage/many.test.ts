// Five thousand layers: one additional layer takes as many calls as with fifty. The test logs the time of an open and of
// reading the files.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { DeviceMapper } from '../../../src/index.ts';
import { layoutOf, poolName } from '../../../src/storage/directory/layout.ts';
import { layerKind, transactionKind } from '../../../src/storage/directory/records.ts';
import { DevicemapperStorage } from '../../../src/storage/index.ts';
import { listCalls } from '../../support/crash/kill-at.ts';
import { assertNothingLeft } from '../../support/kernel/leftovers.ts';
import { openStorage, SMALL, storageRoot } from '../../support/kernel/storage.ts';

const FEW = 50;
const MANY = 5000;
const OPTIONS = [...SMALL, 'dm.loopmetadatasize=32M', 'dm.blkdiscard=false'];
const TIMES = 3;

/** Add the layers `first` to `last` - 1 like a storage, but in one transaction. */
async function addLayers(root: string, first: number, last: number): Promise<void> {
  const layout = await layoutOf(root);
  const storage = await DevicemapperStorage.open({ root, storageOptions: OPTIONS });
  const { transactionId, baseSize } = await storage.status();
  await storage.close();
  await using dm = await DeviceMapper.open({ threads: false });
  const pool = poolName(layout);
  const record = {
    size: baseSize,
    transactionId: transactionId + 1n,
    initialized: false,
    deleted: false,
  };
  for (let index = first; index < last; index++) {
    const deviceId = index + 1000;
    await dm.message(pool, `create_snap ${deviceId} 1`);
    writeFileSync(
      join(layout.metadata, `layer-${index}`),
      layerKind.print({ ...record, deviceId }),
      { mode: 0o600 },
    );
  }
  await dm.message(pool, `set_transaction_id ${transactionId} ${transactionId + 1n}`);
  const done = { openId: transactionId + 1n, hash: `layer-${last - 1}`, deviceId: last + 999 };
  writeFileSync(join(layout.metadata, 'transaction-metadata'), transactionKind.print(done));
}

/** Count the calls that open the storage, create a layer and close it; ioctls by command. */
function callsOfCreate(root: string, id: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  const steps = [['create', id, { parent: 'layer-7' }]];
  for (const { name, text } of listCalls({ root, steps, options: OPTIONS }).calls) {
    if (!['ioctl', 'fsync', 'rename', 'unlink'].includes(name)) continue;
    const command = /\b(DM_[A-Z_]+)/.exec(text)?.[1];
    if (name === 'ioctl' && command === undefined) continue;
    const key = command ?? name;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

async function timeOf(task: () => unknown): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

test(`${MANY} layers`, async (t) => {
  t.timeout(900_000);
  const root = storageRoot(t);
  await (await openStorage(t, root, OPTIONS)).close();
  await addLayers(root, 0, FEW);
  const withFew = callsOfCreate(root, 'one-more');
  await addLayers(root, FEW, MANY);
  const withMany = callsOfCreate(root, 'another');
  t.log('calls', withMany);
  t.deepEqual(withMany, withFew, 'opening and creating a layer takes the same calls');

  const cat: number[] = [];
  const open: number[] = [];
  for (let round = 0; round < TIMES; round++) {
    cat.push(
      await timeOf(() =>
        spawnSync('sh', ['-c', 'cat * > /dev/null'], { cwd: join(root, 'metadata') }),
      ),
    );
    let storage: DevicemapperStorage | undefined;
    open.push(
      await timeOf(async () => {
        storage = await DevicemapperStorage.open({ root, storageOptions: OPTIONS });
      }),
    );
    t.is(storage!.layers().length, MANY + 2);
    await storage!.close();
  }
  const ratio = Math.min(...open) / Math.min(...cat);
  t.log(
    `open ${Math.min(...open).toFixed(0)} ms, cat ${Math.min(...cat).toFixed(0)} ms, ratio ${ratio.toFixed(2)}`,
  );
});

test('nothing is left', assertNothingLeft);
