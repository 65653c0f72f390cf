// A device of the model kernel whose device mapper fails on demand, and its operations.

import { linear, zero } from '../../../src/dm/targets/index.ts';
import { type DeviceInfo, DeviceMapper } from '../../../src/index.ts';
import { modelKernel } from '../../../src/testing/index.ts';
import { FaultyTransport } from './faulty-transport.ts';
import { wrongDevices } from './look.ts';
import type { Operation, Subject } from './matrix.ts';

const NAME = 'device';
const OTHER = 'device-renamed';
const LENGTH = 2048;
const OLD = [linear({ length: LENGTH, device: '/dev/sdb' })];
const NEW = [zero({ length: LENGTH })];

/** A device, or none. */
export class DeviceSubject implements Subject {
  readonly transport: FaultyTransport;
  readonly dm: DeviceMapper;
  readonly sound: DeviceMapper;
  /** What the operation leaves on purpose. */
  leaves: RegExp = /^$/;

  private constructor(transport: FaultyTransport, dm: DeviceMapper, sound: DeviceMapper) {
    this.transport = transport;
    this.dm = dm;
    this.sound = sound;
  }

  static async make(): Promise<DeviceSubject> {
    const kernel = modelKernel({ disks: [{ dev: '8:16', path: '/dev/sdb', sectors: LENGTH }] });
    const transport = new FaultyTransport(kernel);
    const dm = await DeviceMapper.open({ transport });
    return new DeviceSubject(
      transport,
      dm,
      await DeviceMapper.open({ transport: kernel.connect() }),
    );
  }

  /** No device. */
  async renew(): Promise<void> {
    for (const { name } of await this.sound.list()) await this.sound.remove(name);
  }

  /** What the caller of a failed operation does: it clears the inactive table, and removes a device without a table. */
  async recover(): Promise<void> {
    for (const { name } of await this.sound.list()) {
      const { live, inactive, suspended } = await this.sound.info(name);
      if (inactive) await this.sound.clear(name);
      if (!live) await this.sound.remove(name);
      else if (suspended) await this.sound.resume(name);
    }
  }

  async look(): Promise<readonly string[]> {
    return (await wrongDevices(this.sound, NAME)).filter((problem) => !this.leaves.test(problem));
  }

  /** The state of the device; `undefined` if it does not exist. */
  async info(name: string = NAME): Promise<DeviceInfo | undefined> {
    return (await this.sound.exists(name)) ? this.sound.info(name) : undefined;
  }
}

/** A device with the old table, running. */
async function withDevice(subject: DeviceSubject, leaves = /^$/): Promise<void> {
  subject.leaves = leaves;
  await subject.renew();
  await subject.sound.create(NAME, { table: OLD });
}

async function typeOf(subject: DeviceSubject): Promise<string | undefined> {
  return (await subject.sound.table(NAME)).targets[0]?.type;
}

type DeviceOperation = Operation<DeviceSubject>;

const query = (title: string, run: (dm: DeviceMapper) => Promise<unknown>): DeviceOperation => ({
  title,
  prepare: withDevice,
  run: ({ dm }) => run(dm),
  isDone: () => true,
  mayBeDone: true,
});

/** The operations of a device. */
export const DEVICES: readonly DeviceOperation[] = [
  {
    title: 'DeviceMapper.create',
    prepare: async (subject) => {
      subject.leaves = /^$/;
      await subject.renew();
    },
    run: ({ dm }) => dm.create(NAME, { table: OLD }),
    isDone: async (subject) => (await subject.info())?.live === true,
  },
  {
    title: 'DeviceMapper.load',
    prepare: (subject) => withDevice(subject, /inactive/),
    run: ({ dm }) => dm.load(NAME, NEW),
    isDone: async (subject) => (await subject.info())?.inactive === true,
    mayBeDone: true,
  },
  {
    title: 'DeviceMapper.reload',
    prepare: withDevice,
    run: ({ dm }) => dm.reload(NAME, NEW),
    isDone: async (subject) => (await typeOf(subject)) === 'zero',
    mayBeDone: true,
  },
  {
    title: 'DeviceMapper.suspend',
    prepare: (subject) => withDevice(subject, /suspended/),
    run: ({ dm }) => dm.suspend(NAME),
    isDone: async (subject) => (await subject.info())?.suspended === true,
    mayBeDone: true,
  },
  {
    title: 'DeviceMapper.resume',
    prepare: async (subject) => {
      await withDevice(subject, /suspended|inactive/);
      await subject.sound.load(NAME, NEW);
      await subject.sound.suspend(NAME);
    },
    run: ({ dm }) => dm.resume(NAME),
    isDone: async (subject) => (await typeOf(subject)) === 'zero',
    mayBeDone: true,
  },
  {
    title: 'DeviceMapper.clear',
    prepare: async (subject) => {
      await withDevice(subject, /inactive/);
      await subject.sound.load(NAME, NEW);
    },
    run: ({ dm }) => dm.clear(NAME),
    isDone: async (subject) => (await subject.info())?.inactive === false,
    mayBeDone: true,
  },
  {
    title: 'DeviceMapper.rename',
    prepare: withDevice,
    run: async (subject) => {
      const from = (await subject.sound.exists(NAME)) ? NAME : OTHER;
      await subject.dm.rename(from, from === NAME ? OTHER : NAME);
    },
    isDone: async (subject) => (await subject.info(OTHER)) !== undefined,
    mayBeDone: true,
  },
  {
    title: 'DeviceMapper.remove',
    prepare: withDevice,
    run: ({ dm }) => dm.remove(NAME),
    isDone: async (subject) => (await subject.info()) === undefined,
    mayBeDone: true,
  },
  query('DeviceMapper.list', (dm) => dm.list()),
  query('DeviceMapper.info', (dm) => dm.info(NAME)),
  query('DeviceMapper.status', (dm) => dm.status(NAME)),
  query('DeviceMapper.table', (dm) => dm.table(NAME)),
  query('DeviceMapper.deps', (dm) => dm.deps(NAME)),
];
