// Each ioctl of each change fails, before its effect and after it. Then each thin device of the pool has a record or is spare, the
// volume has its old or its new state, and a recovery deletes what is spare.

import test, { type ExecutionContext } from 'ava';
import { deleteVolume } from '../../../src/volumes/delete.ts';
import { VolumeRecords } from '../../../src/volumes/directory/records.ts';
import { createSpare, createWithRecord, replaceThin } from '../../../src/volumes/new-thin.ts';
import { recoverVolumes, type VolumeState } from '../../../src/volumes/recover.ts';
import type { FaultMode } from '../../support/faults/faulty-transport.ts';
import { ModelPool } from '../../support/faults/pool-subject.ts';
import { tempDir } from '../../support/temp-dir.ts';

const RECORD = { size: 1_048_576n };
const MODES: readonly FaultMode[] = ['refused', 'lost', 'repeated'];

interface World extends VolumeState {
  readonly subject: ModelPool;
}

/** A pool with the volumes `a` and `b`; `a` is active. */
async function makeWorld(t: ExecutionContext): Promise<World> {
  const subject = await ModelPool.make();
  await subject.renew();
  const records = await VolumeRecords.load(tempDir(t));
  t.teardown(() => records[Symbol.asyncDispose]());
  const state = { dm: subject.dm, pool: subject.pool, records, subject };
  for (const name of ['a', 'b']) {
    await createWithRecord(state, name, { ...RECORD, make: (id) => subject.pool.createThin(id) });
  }
  await subject.pool.activateThin(records.get('a')!.id, { length: 2048, name: 'pool-a' });
  return state;
}

const clone = (state: World) => (id: number) =>
  state.pool.createSnap(id, state.records.get('a')!.id);

const CHANGES: Readonly<Record<string, (state: World) => Promise<void>>> = {
  create: (state) =>
    createWithRecord(state, 'new', { ...RECORD, make: (id) => state.pool.createThin(id) }),
  clone: (state) => createWithRecord(state, 'new', { ...RECORD, make: clone(state) }),
  'roll back': async (state) => {
    const id = await createSpare(state, clone(state));
    await replaceThin(state, 'b', state.records.get('b')!, { id, size: RECORD.size });
  },
  delete: (state) => deleteVolume(state, 'b', state.records.get('b')!, { discard: true }),
};

/** The thin devices of the pool: the kernel refuses to create them again. */
async function existing(subject: ModelPool, ids: Iterable<number>): Promise<readonly number[]> {
  const pool = await subject.soundPool();
  const found: number[] = [];
  for (const id of ids) {
    try {
      await pool.createThin(id);
      await pool.deleteThin(id);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_THIN_EXISTS') throw error;
      found.push(id);
    }
  }
  return found;
}

for (const [title, change] of Object.entries(CHANGES)) {
  test(`${title}: any ioctl fails`, async (t) => {
    const counting = await makeWorld(t);
    counting.subject.transport.begin();
    await change(counting);
    const calls = counting.subject.transport.end();
    t.true(calls.length >= 2, `${calls}`);
    for (const [index, call] of calls.entries()) {
      const number = calls.slice(0, index).filter((earlier) => earlier === call).length;
      for (const mode of MODES) {
        const where = `${mode} ${call} ${number}`;
        const world = await makeWorld(t);
        const { records, subject } = world;
        const before = records.entries();
        const made: number[] = [];
        const newId = records.newId.bind(records);
        records.newId = () => {
          made.push(newId());
          return made.at(-1)!;
        };
        subject.transport.begin({ call, number, errno: 'EIO', mode });
        const failed = await change(world).then(
          () => false,
          () => true,
        );
        subject.transport.end();
        const known = [...before.map(([, { id }]) => id), ...made];
        const recorded = () => records.entries().map(([, { id }]) => id);
        for (const id of await existing(subject, known)) {
          t.true([...recorded(), ...records.spareIds].includes(id), `${where}: ${id} is forgotten`);
        }
        if (!failed) t.notDeepEqual(records.entries(), before, where);
        await recoverVolumes(world, new Set(known), () => undefined);
        t.deepEqual([...(await existing(subject, known))].toSorted(), [...recorded()].toSorted());
        t.deepEqual(records.spareIds, [], where);
        const { suspended } = await subject.sound.info('pool-a');
        t.false(suspended, `${where}: the origin is suspended`);
      }
    }
  });
}
