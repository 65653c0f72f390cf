// A storage with layers and with thin devices that no record names, shut down.

import type { ExecutionContext } from 'ava';
import { layoutOf, poolName } from '../../../../src/storage/directory/layout.ts';
import { openDm } from '../scratch.ts';
import { openStorage, storageRoot } from '../storage.ts';
import { type Subject, thinIds } from './trial.ts';

/** Thin ids without a record, one bit away from those of the layers. */
const UNRECORDED = [5, 7];

/** A storage with the layers a, b and c, and two unrecorded thin devices; it is shut down. */
export async function withLayers(t: ExecutionContext): Promise<Subject> {
  const dm = await openDm(t);
  const root = storageRoot(t);
  const storage = await openStorage(t, root, [], { dm });
  for (const id of UNRECORDED) {
    await dm.message(poolName(await layoutOf(storage.root)), `create_snap ${id} 1`);
  }
  await storage.create('a');
  await storage.create('b', { parent: 'a' });
  await storage.create('c', { parent: 'b' });
  await storage.shutdown();
  const thins = await thinIds(root);
  t.deepEqual(thins, [1, 2, 3, 4, 5, 7], 'the ids that the mutations below are about');
  return { root, dm, layers: ['a', 'b', 'c'], thins };
}
