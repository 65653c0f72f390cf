// The operations of a thin pool for the fault matrix.

import { ThinPool } from '../../../src/thin/index.ts';
import { MiB } from '../kernel/scratch.ts';
import type { Operation } from './matrix.ts';
import { LENGTH, type PoolSubject, type RealPool } from './pool-subject.ts';

/** The thin ids of the operations. */
const ORIGIN = 0;
const NEW = 1;

/** Which thin devices exist and are active. */
interface Thins {
  readonly origin?: 'inactive' | 'active';
  readonly made?: 'inactive' | 'active';
}

async function ensureThin(pool: ThinPool, id: number, state: Thins['made']): Promise<void> {
  await pool.deactivateThin(id, { timeoutMs: 5000 });
  await pool.deleteThin(id).catch((error: { code?: string }) => {
    if (error.code !== 'ERR_THIN_MISSING') throw error;
  });
  if (state !== undefined) await pool.createThin(id);
  if (state === 'active') await pool.activateThin(id, { length: LENGTH });
}

/** Brings the pool's thin devices into a state. */
const withThins =
  ({ origin, made }: Thins) =>
  async (subject: PoolSubject): Promise<void> => {
    if (!(await subject.sound.exists(subject.name))) await subject.renew();
    const pool = await subject.soundPool();
    await ensureThin(pool, ORIGIN, origin);
    await ensureThin(pool, NEW, made);
    if (!subject.isOpen) subject.use(await ThinPool.open(subject.dm, subject.name));
  };

/** Whether the pool has the new thin device: the kernel refuses to create it again. */
async function exists(subject: PoolSubject): Promise<boolean> {
  const pool = await subject.soundPool();
  try {
    await pool.createThin(NEW);
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_THIN_EXISTS') return true;
    throw error;
  }
  await pool.deleteThin(NEW);
  return false;
}

const activeThin = async (subject: PoolSubject, id = NEW) =>
  (await subject.soundPool()).activeThin(id);

async function lengthOf(subject: PoolSubject): Promise<bigint> {
  const device = await activeThin(subject);
  if (device === undefined) return 0n;
  const { targets } = await subject.sound.table({ dev: device.dev });
  return targets[0]!.length;
}

async function transactionId(subject: PoolSubject): Promise<bigint> {
  const status = await (await subject.soundPool()).status();
  if (status.state !== 'working') throw new Error(`The pool is ${status.state}`);
  return status.transactionId;
}

async function holdsSnap(subject: PoolSubject): Promise<boolean> {
  const status = await (await subject.soundPool()).status();
  return status.state === 'working' && status.heldRoot !== undefined;
}

let from = 0n;

/** Operations that need no files: they run on the model kernel too. */
export const THINS: readonly Operation<PoolSubject>[] = [
  {
    title: 'ThinPool.open of an owned pool',
    prepare: async (subject) => {
      await withThins({})(subject);
      const { dm, sound, name } = subject;
      const { targets } = await dm.table(name);
      if ((await sound.info(name)).suspended) await sound.resume(name, { noFlush: true });
      await sound.load(name, targets);
      await sound.suspend(name, { noFlush: true });
      // A resume would make the inactive table live.
      subject.use(undefined);
    },
    run: async (subject) =>
      subject.use(await ThinPool.open(subject.dm, subject.name, { owned: true })),
    isDone: (subject) => subject.isOpen,
  },
  {
    title: 'createThin',
    prepare: withThins({}),
    run: ({ pool }) => pool.createThin(NEW),
    isDone: exists,
    mayBeDone: true,
  },
  {
    title: 'createSnap of an active origin',
    prepare: withThins({ origin: 'active' }),
    run: ({ pool }) => pool.createSnap(NEW, ORIGIN),
    isDone: exists,
    mayBeDone: true,
  },
  {
    title: 'activateThin',
    prepare: withThins({ made: 'inactive' }),
    run: ({ pool }) => pool.activateThin(NEW, { length: LENGTH }),
    isDone: async (subject) => (await activeThin(subject))?.live === true,
  },
  {
    title: 'growThin',
    prepare: withThins({ made: 'active' }),
    run: ({ pool }) => pool.growThin(NEW, 2 * LENGTH),
    isDone: async (subject) => (await lengthOf(subject)) === BigInt(2 * LENGTH),
    mayBeDone: true,
  },
  {
    title: 'deactivateThin',
    prepare: withThins({ made: 'active' }),
    run: ({ pool }) => pool.deactivateThin(NEW),
    isDone: async (subject) => (await activeThin(subject)) === undefined,
    mayBeDone: true,
  },
  {
    title: 'deleteThin',
    prepare: withThins({ made: 'inactive' }),
    run: ({ pool }) => pool.deleteThin(NEW),
    isDone: async (subject) => !(await exists(subject)),
    mayBeDone: true,
  },
  {
    title: 'setTransactionId',
    prepare: async (subject) => {
      await withThins({})(subject);
      from = await transactionId(subject);
    },
    run: ({ pool }) => pool.setTransactionId(from, from + 1n),
    isDone: async (subject) => (await transactionId(subject)) === from + 1n,
    mayBeDone: true,
  },
  {
    title: 'reserveMetadataSnap',
    prepare: async (subject) => {
      await withThins({})(subject);
      if (await holdsSnap(subject)) await (await subject.soundPool()).releaseMetadataSnap();
    },
    run: ({ pool }) => pool.reserveMetadataSnap(),
    isDone: holdsSnap,
    mayBeDone: true,
  },
  {
    title: 'releaseMetadataSnap',
    prepare: async (subject) => {
      await withThins({})(subject);
      if (!(await holdsSnap(subject))) await (await subject.soundPool()).reserveMetadataSnap();
    },
    run: ({ pool }) => pool.releaseMetadataSnap(),
    isDone: async (subject) => !(await holdsSnap(subject)),
    mayBeDone: true,
  },
  {
    title: 'deactivate',
    prepare: async (subject) => {
      if (await subject.sound.exists(subject.name)) {
        if (!subject.isOpen) subject.use(await ThinPool.open(subject.dm, subject.name));
      } else await subject.renew();
    },
    run: ({ pool }) => pool.deactivate(),
    isDone: async (subject) => !(await subject.sound.exists(subject.name)),
    mayBeDone: true,
  },
];

const grown = { data: 64, metadata: 1024 };

async function sizes(subject: PoolSubject) {
  const status = await (await subject.soundPool()).status();
  if (status.state !== 'working') throw new Error(`The pool is ${status.state}`);
  return { data: status.data.total * 65_536n, metadata: status.metadata.total * 4096n };
}

/** Operations on the files of a pool. */
export const BACKING: readonly Operation<RealPool>[] = [
  {
    title: 'ThinPool.create',
    prepare: (subject) => subject.erase(),
    run: async (subject) => subject.use(await subject.makePool()),
    isDone: (subject) => subject.isOpen,
  },
  {
    title: 'ThinPool.activate',
    prepare: async (subject) => {
      if (!(await subject.sound.exists(subject.name))) await subject.renew();
      await subject.erase();
    },
    run: async (subject) =>
      subject.use(await ThinPool.activate(subject.dm, subject.name, subject.files)),
    isDone: (subject) => subject.isOpen,
  },
  {
    title: 'growData',
    prepare: async (subject) => {
      await withThins({})(subject);
      grown.data = Number((await sizes(subject)).data) / MiB + 1;
    },
    run: ({ pool }) => pool.growData(BigInt(grown.data * MiB)),
    isDone: async (subject) => (await sizes(subject)).data === BigInt(grown.data * MiB),
    mayBeDone: true,
  },
  {
    title: 'growMetadata',
    prepare: async (subject) => {
      await withThins({})(subject);
      grown.metadata = Number((await sizes(subject)).metadata) / 4096 + 1;
    },
    run: ({ pool }) => pool.growMetadata(BigInt(grown.metadata * 4096)),
    isDone: async (subject) => (await sizes(subject)).metadata === BigInt(grown.metadata * 4096),
    mayBeDone: true,
  },
];
